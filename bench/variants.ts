/** One way to start the service. */
export interface Variant {
  name: string;
  preload?: string;
  env?: Record<string, string>;
}

const ours = '@fleetscope/instrumentation/register';

/** The first is what the others are compared with. */
export const baseline: Variant = { name: 'none' };

/** What the package is to be smaller than. Its defaults, but for gRPC, which ours speaks too. */
export const upstream: Variant = {
  name: 'auto-instrumentations-node',
  preload: '@opentelemetry/auto-instrumentations-node/register',
  env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
};

// Saturated for as long as here, it would step down: what is measured is the preset.
const neverLess = { FLEETSCOPE_CPU_BUDGET: '0' };

/** Every preset of ours between the two. */
export function variants(presets: readonly string[]): Variant[] {
  return [
    baseline,
    ...presets.map((name) => ({ name, preload: ours, env: { FLEETSCOPE_PRESET: name, ...neverLess } })),
    upstream,
  ];
}

export const presets = ['full', 'spans', 'metrics'] as const;

export const services = ['realistic', 'bare'] as const;
export type Service = (typeof services)[number];

export const moduleSystems = ['esm', 'cjs'] as const;
export type ModuleSystem = (typeof moduleSystems)[number];

/** The arguments that start `service` under Node: preloaded by `--import` as ES module, by `--require` as CommonJS. */
export function nodeArguments({ preload }: Variant, service: Service, modules: ModuleSystem): string[] {
  const file = `services/${service}.${modules === 'esm' ? 'mjs' : 'cjs'}`;
  return [...(preload ? [modules === 'esm' ? '--import' : '--require', preload] : []), file];
}
