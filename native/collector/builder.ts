import { collector } from '../../collector/collector.ts';
import { namedElasticsearch, toElasticsearch } from '../../collector/copies.ts';
import { sampler } from '../../collector/sampler.ts';
import { team } from '../../k8s/size.ts';
import { compose, kubernetes } from '../../place.ts';
import { stack } from '../../stack.ts';
import { twin } from '../../twin.ts';

const core = stack.collector.native.release;
const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib';

/** The Go module behind each component type. A type that `collector.ts` starts to use needs one line here. */
const modules: Record<string, string> = {
  health_check: `${contrib}/extension/healthcheckextension`,
  file_storage: `${contrib}/extension/storage/filestorage`,
  basicauth: `${contrib}/extension/basicauthextension`,
  bearertokenauth: `${contrib}/extension/bearertokenauthextension`,
  otlp: 'go.opentelemetry.io/collector/receiver/otlpreceiver',
  memory_limiter: 'go.opentelemetry.io/collector/processor/memorylimiterprocessor',
  redaction: `${contrib}/processor/redactionprocessor`,
  transform: `${contrib}/processor/transformprocessor`,
  delta_to_cumulative: `${contrib}/processor/deltatocumulativeprocessor`,
  filter: `${contrib}/processor/filterprocessor`,
  batch: 'go.opentelemetry.io/collector/processor/batchprocessor',
  probabilistic_sampler: `${contrib}/processor/probabilisticsamplerprocessor`,
  tail_sampling: `${contrib}/processor/tailsamplingprocessor`,
  span_metrics: `${contrib}/connector/spanmetricsconnector`,
  forward: 'go.opentelemetry.io/collector/connector/forwardconnector',
  otlp_grpc: 'go.opentelemetry.io/collector/exporter/otlpexporter',
  otlp_http: 'go.opentelemetry.io/collector/exporter/otlphttpexporter',
  load_balancing: `${contrib}/exporter/loadbalancingexporter`,
};

const tiers = kubernetes(team);

/** The OpenTelemetry Collector Builder's manifest: only the components that the configurations use, here and in a cluster. */
function builder() {
  const used = [collector(compose), toElasticsearch(compose, namedElasticsearch('')), collector(tiers), sampler(tiers)];
  return {
    dist: { module: 'fleetscope/native/collector', name: 'otelcol', version: core, output_path: './_build' },
    extensions: gomods(used, 'extensions'),
    receivers: gomods(used, 'receivers'),
    processors: gomods(used, 'processors'),
    connectors: gomods(used, 'connectors'),
    exporters: gomods(used, 'exporters'),
    providers: ['envprovider', 'fileprovider', 'yamlprovider'].map((provider) => ({
      gomod: `go.opentelemetry.io/collector/confmap/provider/${provider} ${stack.collector.native.stable}`,
    })),
  };
}

/** One line per component type: `transform/a` and `transform/b` are one module. */
function gomods(configurations: readonly Partial<Record<string, object>>[], section: string) {
  const ids = configurations.flatMap((configuration) => Object.keys(configuration[section] ?? {}));
  const types = new Set(ids.map((id) => id.split('/')[0] as string));
  return [...types].map((type) => {
    const module = modules[type];
    if (module === undefined)
      throw new RangeError(`Cannot build the Collector: no Go module known for "${type}". Add it to this file.`);
    return { gomod: `${module} v${core}` };
  });
}

export default twin('yaml', builder());
