/** Thanos: makes several Prometheus one, and keeps the past in a bucket by resolution. Its programs' command lines, as functions of a place. (P04, P06) */
import { dirname } from 'node:path';
import { tlsArgument, tlsConfig } from '../mutual.ts';
import type { ObjectStoreVariable } from '../object-store.ts';
import { addresses, listen, type Place, scheme, url } from '../place.ts';
import { type Extra, lateSampleHours, longRetentionDays, otherClusters } from '../stack.ts';
import { yaml } from '../twin.ts';

/** The external label in which replicas that see the same differ. */
export const replicaLabel = 'replica';

/** What the sidecar writes beside the blocks of Prometheus: those that the bucket has. */
export const uploadedFile = 'thanos.shipper.json';

/** By this external label the blocks of the figures of each day are told from the rest of the bucket. */
const dailyTier = { name: 'tier', value: 'daily' } as const;

/** Days for which Prometheus itself answers; what is older comes from the bucket. */
export const fresh = 2;

/** The younger half of that, in hours, the bucket leaves to it. */
const bucketFromHours = 24;

export const thanosParts = [
  'thanos-sidecar',
  'thanos-query',
  'thanos-query-frontend',
  'thanos-store',
  'thanos-compact',
  'thanos-rule',
  'thanos-compact-daily',
] as const satisfies readonly Extra[];

export type ThanosPart = (typeof thanosParts)[number];

const { raw, fiveMinutes, hour, day } = longRetentionDays.metrics;

/** The whole command line of a part. `others`: the queries of other clusters. */
export function thanosArgs(place: Place, part: ThanosPart, others = otherClusters): string[] {
  const [role, ...args] = roles[part](place, others);
  return [
    role as string,
    `--http-address=${listen(place, part, 'http')}`,
    ...tlsArgument('--http.config', place, 'web-tls'),
    ...args,
  ];
}

const roles: Record<ThanosPart, (place: Place, others: readonly string[]) => string[]> = {
  'thanos-sidecar': (place) => [
    ...['sidecar', ...grpc(place, 'thanos-sidecar'), bucket],
    `--tsdb.path=${place.data('prometheus')}`,
    ...(place.tls ? [`--prometheus.http-client=${yaml(ofPrometheus(place))}`] : []),
    `--prometheus.url=${scheme(place, 'prometheus', 'http')}://${place.kind === 'kubernetes' ? '127.0.0.1' : place.bind}:${place.port('prometheus', 'http')}`,
    `--min-time=-${fresh}d`,
    // One block that does not go does not hold up those after it.
    '--shipper.allow-out-of-order-uploads',
  ],
  'thanos-store': (place) => [
    ...['store', ...grpc(place, 'thanos-store'), bucket],
    `--data-dir=${place.data('thanos-store')}`,
    `--max-time=-${bucketFromHours}h`,
    // Of its memory, so that it refuses what is too large for it instead of dying of it.
    `--index-cache-size=${Math.floor(place.memoryMib('thanos-store') / 4)}MB`,
    `--chunk-pool-size=${Math.floor(place.memoryMib('thanos-store') / 2)}MB`,
  ],
  // One for the whole bucket, ever: two would make the same block twice.
  'thanos-compact': (place) => [
    ...['compact', '--wait', bucket, `--data-dir=${place.data('thanos-compact')}`],
    `--retention.resolution-raw=${raw}d`,
    `--retention.resolution-5m=${fiveMinutes}d`,
    `--retention.resolution-1h=${hour}d`,
    // Late samples make blocks that overlap, and two replicas make each block twice: they become one.
    `--deduplication.replica-label=${replicaLabel}`,
    '--deduplication.func=penalty',
    '--disable-admin-operations',
    blocks('drop'),
  ],
  // Each of two replicas works out the same figures for the same second: one that one of them has missed comes from the other.
  'thanos-rule': (place) => [
    ...['rule', ...grpc(place, 'thanos-rule'), bucket, `--data-dir=${place.data('thanos-rule')}`],
    `--rule-file=${dailyRules(place)}`,
    // Of Prometheus itself, which has the day on its disk: the figures are those of this cluster, and need nobody else.
    ...prometheuses(place),
    `--label=cluster="$(FLEETSCOPE_CLUSTER)"`,
    `--label=${replicaLabel}="$(POD_NAME)"`,
    `--label=${dailyTier.name}="${dailyTier.value}"`,
    `--rule-query-offset=${ruleOffset}`,
    // Until a block of them is in the bucket, and found there.
    `--tsdb.retention=${raw}d`,
  ],
  'thanos-compact-daily': (place) => [
    ...['compact', '--wait', bucket, `--data-dir=${place.data('thanos-compact-daily')}`],
    `--retention.resolution-raw=${day}d`,
    // A figure a day is what it is.
    '--downsampling.disable',
    `--deduplication.replica-label=${replicaLabel}`,
    '--disable-admin-operations',
    blocks('keep'),
  ],
  'thanos-query': (place, others) => [
    ...['query', ...grpc(place, 'thanos-query')],
    `--endpoint.sd-config=${yaml({
      endpoints: [
        ...(['thanos-sidecar', 'thanos-store', 'thanos-rule'] as const).flatMap((part) =>
          addresses(place, part, 'grpc').map((each) => endpoint(place, part, each)),
        ),
        ...others.map((each) => endpoint(place, 'thanos-query', each)),
      ],
    })}`,
    `--query.replica-label=${replicaLabel}`,
    // A long time at a coarse resolution, and a moment of the past at whatever is left of it.
    '--query.auto-downsampling',
    '--query.instant.default.max_source_resolution=1h',
    '--store.response-timeout=30s',
  ],
  'thanos-query-frontend': (place) => [
    ...['query-frontend'],
    `--query-frontend.downstream-url=${url(place, 'thanos-query', 'http')}`,
    ...(place.tls ? [`--query-frontend.downstream-tripper-config=${yaml(tlsConfig(place, 'thanos-query'))}`] : []),
    // A thousand people who look at the same panels ask once. Forgotten after minutes: what comes late is seen then.
    `--query-range.response-cache-config=${yaml({
      type: 'IN-MEMORY',
      config: { max_size: `${Math.floor(place.memoryMib('thanos-query-frontend') / 2)}MB`, validity: '10m' },
    })}`,
    '--query-range.max-retries-per-request=2',
    '--query-frontend.compress-responses',
  ],
};

/**
 * What it finds in its environment beside where the bucket is: of those that ask Prometheus, the folder of an authority more. It counts for
 * all that they ask: of the store of objects, too, a certificate of the parts' authority is believed.
 */
export function thanosEnv({ tls }: Place, part: ThanosPart): Record<string, string> {
  return tls && (part === 'thanos-sidecar' || part === 'thanos-rule') ? { SSL_CERT_DIR: dirname(tls.authority) } : {};
}

/** Where the rules of the daily figures are. */
export function dailyRules(place: Place): string {
  return place.kind === 'kubernetes' ? '/etc/thanos/thanos-rule.yaml' : `${place.data('thanos-rule')}.yaml`;
}

/** So long after a day has ended its figures are worked out: what an outage delivers late is in them. */
const ruleOffset = `${lateSampleHours}h`;

type Store = 'thanos-sidecar' | 'thanos-query' | 'thanos-store' | 'thanos-rule';

function grpc(place: Place, part: Store): string[] {
  const { tls } = place;
  return [
    `--grpc-address=${listen(place, part, 'grpc')}`,
    ...(tls
      ? [
          `--grpc-server-tls-cert=${tls.certificate}`,
          `--grpc-server-tls-key=${tls.key}`,
          `--grpc-server-tls-client-ca=${tls.authority}`,
        ]
      : []),
  ];
}

/**
 * Who is asked by gRPC. A query of another cluster is known by the name that ours has. In a cluster a name is looked up when it is dialled
 * (`passthrough`): gRPC by itself would ask for records beside it that no cluster has, and where name servers outside do not answer, for longer
 * than it waits for a store. Not `dns+`, which forgets whose name the certificate has to have.
 */
function endpoint(place: Place, part: Store, name: string) {
  const { tls_config } = tlsConfig(place, part);
  const address = `passthrough:///${name}`;
  if (!tls_config) return { address };
  const { server_name, ...files } = tls_config;
  return { address, client_config: { tls_config: { enabled: true, ...files }, server_name } };
}

function prometheuses(place: Place): string[] {
  const all = addresses(place, 'prometheus', 'http');
  return place.tls
    ? [`--query.config=${yaml([{ http_config: ofPrometheus(place), scheme: 'https', static_configs: all }])}`]
    : all.map((each) => `--query=http://${each}`);
}

/**
 * How it asks Prometheus. Without the authority, which is among those of its system (`thanosEnv`): where it is named here, this client of
 * Thanos forgets it when its own certificate is renewed, and asks in vain from then on (github.com/thanos-io/thanos/issues/8969).
 */
function ofPrometheus(place: Place) {
  const { tls_config } = tlsConfig(place, 'prometheus');
  if (!tls_config) return {};
  const { ca_file: _, ...rest } = tls_config;
  return { tls_config: rest };
}

/** The daily figures, or all the rest. */
function blocks(action: 'keep' | 'drop'): string {
  const { name, value } = dailyTier;
  return `--selector.relabel-config=${yaml([{ action, source_labels: [name], regex: value }])}`;
}

/** Kubernetes fills it in, elsewhere Thanos itself. The keys are not in it: the client takes them from the environment, or asks the cloud who it is. */
const bucket = `--objstore.config=${yaml({
  type: 'S3',
  config: {
    endpoint: variable('FLEETSCOPE_S3_ENDPOINT'),
    region: variable('FLEETSCOPE_S3_REGION'),
    insecure: variable('FLEETSCOPE_S3_INSECURE'),
    bucket: variable('FLEETSCOPE_S3_METRICS_BUCKET'),
  },
})}`;

function variable(name: ObjectStoreVariable): string {
  return `$(${name})`;
}
