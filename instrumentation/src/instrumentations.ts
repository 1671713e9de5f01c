import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { Instrumentation, InstrumentationConfig } from '@opentelemetry/instrumentation';
import { type App, canResolve } from './app.ts';
import type { Config } from './config.ts';
import { loadOptional } from './optional-package.ts';
import type { Level } from './own-cost/decide-level.ts';
import type { Gate } from './own-cost/gate.ts';
import { guardPatches } from './patch-guard.ts';
import { oneLine, type Reporter } from './reporter.ts';
import { api } from './sdk.ts';
import { commaList } from './setting-kinds.ts';

type Options = Pick<Config, 'instrumentations' | 'logs'>;

interface Known {
  /** Loaded only when the app could load this; undefined: part of Node. */
  library?: string;
  /** It only watches: the program need not wait for it. */
  later?: true;
  load(options: Options, level: Level): Instrumentation;
  /** When the level has changed. Undefined: it goes on, and what it asks for is not recorded. */
  adapt?(instrumentation: Instrumentation, gate: Gate): void;
}

const require = createRequire(import.meta.url);
const prefix = '@opentelemetry/instrumentation-';
const quietPaths = new Set(['/healthz', '/readyz', '/metrics']);

const httpOptions = {
  ignoreIncomingRequestHook: ({ url = '' }: IncomingMessage) => quietPaths.has(url.split('?', 1)[0] as string),
};
// A span per middleware says little and costs as much as the one for the request. Where only the route is wanted, which
// names the request's span and metric, every layer is ignored.
const expressOptions = (level: Level) => {
  const { MIDDLEWARE, ROUTER, REQUEST_HANDLER } = from<Express>('express').ExpressLayerType;
  return { ignoreLayersType: level === 'full' ? [MIDDLEWARE] : [MIDDLEWARE, ROUTER, REQUEST_HANDLER] };
};
const logOptions = ({ logs }: Options) => ({ disableLogCorrelation: !logs.correlation });

type Http = typeof import('@opentelemetry/instrumentation-http');
type Undici = typeof import('@opentelemetry/instrumentation-undici');
type Express = typeof import('@opentelemetry/instrumentation-express');
type Pino = typeof import('@opentelemetry/instrumentation-pino');
type Winston = typeof import('@opentelemetry/instrumentation-winston');
type RuntimeNode = typeof import('@opentelemetry/instrumentation-runtime-node');

/** The short list that is on by default: what nearly every service needs, because start-up time is paid for each one. */
const known: Record<string, Known> = {
  http: { load: () => new (from<Http>('http').HttpInstrumentation)(httpOptions) },
  undici: { load: () => new (from<Undici>('undici').UndiciInstrumentation)() },
  express: {
    library: 'express',
    load: (_, level) => new (from<Express>('express').ExpressInstrumentation)(expressOptions(level)),
    adapt: (express, { level }) => express.setConfig(expressOptions(level) as InstrumentationConfig),
  },
  pino: { library: 'pino', load: (options) => new (from<Pino>('pino').PinoInstrumentation)(logOptions(options)) },
  winston: {
    library: 'winston',
    load: (options) => new (from<Winston>('winston').WinstonInstrumentation)(logOptions(options)),
  },
  // Without `library`: the client may be that of a framework, which the app itself cannot resolve.
  openai: { load: () => modelClient('openai') },
  anthropic: { load: () => modelClient('anthropic') },
  'runtime-node': {
    later: true,
    load: () => new (from<RuntimeNode>('runtime-node').RuntimeNodeInstrumentation)(),
    adapt: (runtime, { level, top }) => (level === top ? runtime.enable() : runtime.disable()),
  },
};

/** Ours: model calls with tokens, price and agent. On at every level, and beside `all`, whose `openai` knows none of it. */
const modelClients = ['openai', 'anthropic'] as const;

function modelClient(library: (typeof modelClients)[number]): Instrumentation {
  type Module = typeof import('./llm-clients/instrumentation.ts');
  const { LlmClientInstrumentation } = require('./llm-clients/instrumentation.js') as Module;
  return new LlmClientInstrumentation(library);
}

/** Names that are on by default. `console` is a bridge of ours rather than an instrumentation, and switched the same way. */
export const defaultNames: readonly string[] = [...Object.keys(known), 'console'];

/** Without what reads log lines and the runtime. `express` makes no spans then, but tells the route. */
const shortNames = ['http', 'undici', 'express', ...modelClients];

/** The names that the settings ask for. `all` stands for the optional package, which reads OTEL_NODE_* for its own. */
export function selectNames({ preset, only, without }: Config['instrumentations'], level: Level = 'full'): string[] {
  const wanted = (name: string) => (only.length === 0 || only.includes(name)) && !without.includes(name);
  switch (preset) {
    case 'none':
      return [];
    case 'all':
      return ['all', ...[...modelClients, 'console'].filter(wanted)];
    case 'default':
      // Beyond the default too: who enables `pg` by name wants it.
      return (only.length > 0 ? [...only] : level === 'full' ? [...defaultNames] : shortNames).filter(wanted);
    default:
      return commaList(preset).filter(wanted);
  }
}

/** Loads and switches on the named instrumentations. Returns the modules they patch. One that fails is one warning. */
export function startInstrumentations(
  names: readonly string[],
  options: Options,
  app: App,
  gate: Gate,
  reporter: Reporter,
): string[] {
  const start = (name: string): string[] => {
    try {
      return load(name, options, app, gate).flatMap((instrumentation) => {
        // Some, `runtime-node` for one, create their metrics only when they are told.
        instrumentation.setMeterProvider(api.metrics.getMeterProvider());
        return guardPatches(instrumentation, reporter);
      });
    } catch (error) {
      reporter.warn(`Ignored the instrumentation ${name}: ${oneLine(error)}`);
      return [];
    }
  };
  return names.flatMap((name) => {
    if (name === 'console') return [];
    if (!known[name]?.later) return start(name);
    setImmediate(start, name).unref();
    return [];
  });
}

function load(name: string, options: Options, app: App, gate: Gate): Instrumentation[] {
  if (name === 'all') return loadAll(options, app);
  const entry = known[name];
  if (!entry) return [loadOther(name, app)];
  if (entry.library !== undefined && !canResolve(app, entry.library)) return [];
  const instrumentation = entry.load(options, gate.level);
  gate.follow(() => entry.adapt?.(instrumentation, gate));
  return [instrumentation];
}

function loadAll(options: Options, app: App): Instrumentation[] {
  type AutoInstrumentations = typeof import('@opentelemetry/auto-instrumentations-node');
  const { getNodeAutoInstrumentations } = loadOptional<AutoInstrumentations>(
    '@opentelemetry/auto-instrumentations-node',
    app,
  );
  return getNodeAutoInstrumentations({
    [`${prefix}http`]: httpOptions,
    [`${prefix}openai`]: { enabled: false },
    [`${prefix}pino`]: logOptions(options),
    [`${prefix}winston`]: logOptions(options),
  });
}

/** Any other instrumentation of OpenTelemetry that the app has installed, by its short name, e.g. `pg`. */
function loadOther(name: string, app: App): Instrumentation {
  const exported = Object.entries(loadOptional<Record<string, unknown>>(`${prefix}${name}`, app));
  const found = exported.find(([key, value]) => key.endsWith('Instrumentation') && typeof value === 'function');
  if (!found) throw new Error(`${prefix}${name} exports no instrumentation. Check the name.`);
  return new (found[1] as new () => Instrumentation)();
}

function from<T>(name: keyof typeof packages): T {
  return packages[name]() as T;
}

/** Spelled out, so that the build sees them: each is bundled as a file of its own, read when it is asked for. */
const packages = {
  http: () => require('@opentelemetry/instrumentation-http'),
  undici: () => require('@opentelemetry/instrumentation-undici'),
  express: () => require('@opentelemetry/instrumentation-express'),
  pino: () => require('@opentelemetry/instrumentation-pino'),
  winston: () => require('@opentelemetry/instrumentation-winston'),
  'runtime-node': () => require('@opentelemetry/instrumentation-runtime-node'),
};
