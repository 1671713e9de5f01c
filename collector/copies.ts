/**
 * Copies for stores beside ours. Each is a configuration of its own, which the Collector reads after collector.yaml: pipelines that
 * receive what ours do, behind redaction, so that no list of that file has to change. (P07, P11)
 */
import { address, type Place } from '../place.ts';
import { disks, sendersPerCopy } from '../stack.ts';
import { collector, forLoki } from './collector.ts';

/** What says where the second backend is. `up`, compose.yml and k8s/ pass it on. */
export const secondSettings = {
  /** `https://otlp.example.com`: OTLP over HTTP. Without it there is no second backend. */
  endpoint: 'FLEETSCOPE_SECOND_OTLP_ENDPOINT',
  /** Which of `traces,metrics,logs`; all where it is left out. */
  signals: 'FLEETSCOPE_SECOND_OTLP_SIGNALS',
  /** A YAML file of headers, for the token: `authorization: Bearer …`. */
  headersFile: 'FLEETSCOPE_SECOND_OTLP_HEADERS_FILE',
} as const;

/** A vendor, another region, a Collector of the company's. @param headers the file of headers, as the Collector finds it. */
export function second(place: Place, headers: string) {
  const mark = [{ context: 'resource', statements: [`set(${copyMark}, true)`] }];
  const pipeline = {
    receivers: ['forward/stores'],
    processors: ['filter/second', 'transform/second', 'batch/apart'],
    exporters: ['otlp_http/copy-second'],
  };
  return {
    processors: {
      // A copy is not copied again: of two that send to each other, or one to itself, everything would circle for ever.
      'filter/second': {
        error_mode: 'silent',
        trace_conditions: [unwanted('traces')],
        metric_conditions: [unwanted('metrics')],
        log_conditions: [unwanted('logs')],
      },
      'transform/second': {
        error_mode: 'silent',
        trace_statements: mark,
        metric_statements: mark,
        log_statements: mark,
      },
    },
    exporters: {
      'otlp_http/copy-second': {
        endpoint: `\${env:${secondSettings.endpoint}}`,
        compression: 'gzip',
        headers: `\${file:${headers}}`,
        ...apart(place),
      },
    },
    service: { pipelines: { 'traces/second': pipeline, 'metrics/second': pipeline, 'logs/second': pipeline } },
  };
}

/** Every trace, for those who know Jaeger's pages. */
export function toJaeger(place: Place) {
  return {
    exporters: {
      'otlp_grpc/copy-jaeger': {
        endpoint: address(place, 'jaeger', 'otlp'),
        tls: { insecure: true },
        compression: 'snappy',
        ...apart(place),
      },
    },
    service: {
      pipelines: {
        'traces/jaeger': {
          receivers: ['forward/stores'],
          processors: ['batch/apart'],
          exporters: ['otlp_grpc/copy-jaeger'],
        },
      },
    },
  };
}

/** What says where Elasticsearch is, and as whom the Collector writes to it. */
export const elasticsearchSettings = {
  /** `https://elasticsearch.example.com:9200`, 9.5 or newer. Without it nothing is sent. */
  url: 'FLEETSCOPE_ELASTICSEARCH_URL',
  /** One who may add to `logs-*`, and no more. */
  user: 'FLEETSCOPE_ELASTICSEARCH_USER',
  passwordFile: 'FLEETSCOPE_ELASTICSEARCH_PASSWORD_FILE',
} as const;

/** An Elasticsearch, and as whom it is written to. */
export interface ElasticsearchAt {
  readonly url: string;
  readonly user: string;
  /** As the Collector finds it; read again when it changes. */
  readonly passwordFile: string;
}

/** The one that the environment names. */
export function namedElasticsearch(passwordFile: string): ElasticsearchAt {
  const { url, user } = elasticsearchSettings;
  return { url: `\${env:${url}}`, user: `\${env:${user}:-fleetscope}`, passwordFile };
}

/** Every log record for an Elasticsearch, which takes OTLP itself: in a data stream for each class of retention, such as `logs-error.otel-default`. */
export function toElasticsearch(place: Place, { url, user, passwordFile }: ElasticsearchAt) {
  return {
    extensions: {
      'basicauth/elasticsearch': {
        client_auth: {
          username: user,
          password_file: passwordFile,
        },
      },
    },
    processors: {
      'transform/elasticsearch': {
        error_mode: 'ignore',
        log_statements: [
          ...forLoki.log_statements,
          {
            context: 'log',
            statements: ['set(log.attributes["data_stream.dataset"], log.attributes["retention.class"])'],
          },
        ],
      },
    },
    exporters: {
      'otlp_http/copy-elasticsearch': {
        endpoint: `${url}/_otlp`,
        compression: 'gzip',
        auth: { authenticator: 'basicauth/elasticsearch' },
        ...apart(place),
      },
    },
    service: {
      // A list takes the place of the one before it: the others have to be in it.
      extensions: [...collector(place).service.extensions, 'basicauth/elasticsearch'],
      pipelines: {
        'logs/elasticsearch': {
          receivers: ['forward/stores'],
          processors: ['transform/elasticsearch', 'batch/apart'],
          exporters: ['otlp_http/copy-elasticsearch'],
        },
      },
    },
  };
}

/** On the resource of what has been copied. */
const copyMark = 'resource.attributes["fleetscope.copy"]';

/** What the user did not name is no business of a vendor: a word that is misspelt sends less, never more. */
function unwanted(signal: 'traces' | 'metrics' | 'logs'): string {
  return `${copyMark} != nil or not IsMatch("\${env:${secondSettings.signals}:-traces,metrics,logs}", "${signal}")`;
}

/**
 * Nobody waits for a copy: `batch/apart` before it swallows what its full queue refuses, its queue and its senders are its own,
 * and what could not be delivered for half an hour is given up and counted (`otelcol_exporter_send_failed_*`).
 */
function apart(place: Place) {
  return {
    timeout: '10s',
    sending_queue: {
      storage: 'file_storage/queue',
      sizer: 'bytes',
      queue_size: (disks[place.profile].queue / 4) * 1024 * 1024,
      block_on_overflow: false,
      num_consumers: sendersPerCopy,
      batch: { flush_timeout: '200ms', sizer: 'bytes', min_size: 256 * 1024, max_size: 1024 * 1024 },
    },
    retry_on_failure: { initial_interval: '1s', max_interval: '30s', max_elapsed_time: '30m' },
  };
}
