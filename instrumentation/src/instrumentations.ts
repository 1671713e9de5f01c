import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { type App, canResolve } from './app.ts';
import type { Config } from './config.ts';
import { loadOptional } from './optional-package.ts';
import { guardPatches } from './patch-guard.ts';
import { oneLine, type Reporter } from './reporter.ts';
import { commaList } from './setting-kinds.ts';

type Options = Pick<Config, 'instrumentations' | 'logs'>;

interface Known {
  /** Loaded only when the app could load this; undefined: part of Node. */
  library?: string;
  /** It only watches: the program need not wait for it. */
  later?: true;
  load(options: Options): Instrumentation;
}

const require = createRequire(import.meta.url);
const prefix = '@opentelemetry/instrumentation-';
const quietPaths = new Set(['/healthz', '/readyz', '/metrics']);

const httpOptions = {
  ignoreIncomingRequestHook: ({ url = '' }: IncomingMessage) => quietPaths.has(url.split('?', 1)[0] as string),
};
// A span per middleware says little and costs as much as the one for the request.
const expressOptions = () => ({ ignoreLayersType: [from<Express>('express').ExpressLayerType.MIDDLEWARE] });
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
  express: { library: 'express', load: () => new (from<Express>('express').ExpressInstrumentation)(expressOptions()) },
  pino: { library: 'pino', load: (options) => new (from<Pino>('pino').PinoInstrumentation)(logOptions(options)) },
  winston: {
    library: 'winston',
    load: (options) => new (from<Winston>('winston').WinstonInstrumentation)(logOptions(options)),
  },
  'runtime-node': { later: true, load: () => new (from<RuntimeNode>('runtime-node').RuntimeNodeInstrumentation)() },
};

/** Names that are on by default. `console` is a bridge of ours rather than an instrumentation, and switched the same way. */
export const defaultNames: readonly string[] = [...Object.keys(known), 'console'];

/** The names that the settings ask for. `all` stands for the optional package, which reads OTEL_NODE_* for its own. */
export function selectNames({ preset, only, without }: Config['instrumentations']): string[] {
  const wanted = (name: string) => (only.length === 0 || only.includes(name)) && !without.includes(name);
  switch (preset) {
    case 'none':
      return [];
    case 'all':
      return ['all', ...['console'].filter(wanted)];
    case 'default':
      // Beyond the default too: who enables `pg` by name wants it.
      return (only.length > 0 ? [...only] : [...defaultNames]).filter(wanted);
    default:
      return commaList(preset).filter(wanted);
  }
}

/** Loads and switches on the named instrumentations. Returns the modules they patch. One that fails is one warning. */
export function startInstrumentations(
  names: readonly string[],
  options: Options,
  app: App,
  reporter: Reporter,
): string[] {
  const start = (name: string): string[] => {
    try {
      return load(name, options, app).flatMap((instrumentation) => guardPatches(instrumentation, reporter));
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

function load(name: string, options: Options, app: App): Instrumentation[] {
  if (name === 'all') return loadAll(options, app);
  const entry = known[name];
  if (!entry) return [loadOther(name, app)];
  return entry.library === undefined || canResolve(app, entry.library) ? [entry.load(options)] : [];
}

function loadAll(options: Options, app: App): Instrumentation[] {
  type AutoInstrumentations = typeof import('@opentelemetry/auto-instrumentations-node');
  const { getNodeAutoInstrumentations } = loadOptional<AutoInstrumentations>(
    '@opentelemetry/auto-instrumentations-node',
    app,
  );
  return getNodeAutoInstrumentations({
    [`${prefix}http`]: httpOptions,
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

function from<T>(name: string): T {
  return require(prefix + name) as T;
}
