import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { alertmanager, alertmanagerArgs } from '../alertmanager/alertmanager.ts';
import { escalationEnv } from '../alertmanager/escalation/settings.ts';
import { jaeger } from '../choices/jaeger.ts';
import { collector } from '../collector/collector.ts';
import { datasources } from '../grafana/datasources.ts';
import { jaegerSource, sources } from '../grafana/jaeger-source.ts';
import { providers } from '../grafana/providers.ts';
import { grafanaEnv } from '../grafana/server.ts';
import { loki } from '../loki/loki.ts';
import { monitorEnv } from '../monitor/ingest/settings.ts';
import { memoryEnv } from '../monitor/memory/schedule/settings.ts';
import type { Acquired } from '../native/acquire.ts';
import { type Place, readyUrl } from '../place.ts';
import { groups } from '../prometheus/groups.ts';
import { ruleFile } from '../prometheus/kit/rule-file.ts';
import { prometheus, prometheusArgs } from '../prometheus/prometheus.ts';
import { targets } from '../prometheus/targets.ts';
import { type Component, goMemoryShare, isOwn, type Local, nodeHeapShare, stack } from '../stack.ts';
import { tempoLine } from '../tempo/line.ts';
import { tempo } from '../tempo/tempo.ts';
import { yaml } from '../twin.ts';
import { copiesOf } from './copies.ts';

/** One server process: what to write, what to run, when it is ready. */
export interface Process {
  component: Local;
  program: string;
  args: string[];
  env: Record<string, string>;
  /** Where it runs. Left out: where the supervisor does. */
  cwd?: string;
  /** Absolute path → text; written before the first start. */
  files: Record<string, string>;
  /** Folders that must exist. */
  folders: string[];
  readyUrl: string;
  needs: readonly Local[];
  /** A process that has not ended this long after SIGTERM is killed. */
  stopTimeoutMs: number;
}

/** Grafana needs its own folder of pages beside the program. */
export type Programs = Partial<Record<Local, Acquired & { homepath?: string }>>;

/** What can be run without a container engine. */
type NativePart = Exclude<Local, 'elasticsearch'>;

const repository = join(import.meta.dirname, '..');
const dashboardsFolder = join(repository, 'grafana', 'dashboards');
const preload = pathToFileURL(join(repository, 'instrumentation', 'dist', 'register.js')).href;

/** The processes of a native stack, rendered from the same functions as the shipped files. */
export function processes(place: Place, programs: Programs, home: string): Process[] {
  const config = (name: string) => join(home, 'config', name);
  const details: Record<NativePart, (acquired: Acquired & { homepath?: string }) => Partial<Process>> = {
    tempo: ({ version }) => ({
      args: [`-config.file=${config('tempo.yaml')}`],
      files: { [config('tempo.yaml')]: yaml(tempo(place, tempoLine(version))) },
      // Both lines have flushed after 5 s; then 2.8 often waits forever for a query worker (RequestQueue.stopping), and
      // 3.0 for its backend worker's pause.
      stopTimeoutMs: 8_000,
    }),
    loki: () => ({
      args: [`-config.file=${config('loki.yaml')}`],
      files: { [config('loki.yaml')]: yaml(loki(place)) },
    }),
    prometheus: () => ({
      folders: [place.data('prometheus'), join(home, 'scrape', 'targets'), join(home, 'scrape', 'slow')],
      args: [`--config.file=${config('prometheus.yml')}`, ...prometheusArgs(place)],
      files: {
        [config('prometheus.yml')]: yaml(prometheus(place)),
        ...Object.fromEntries(
          groups(targets).map((group) => [config(`rules/${group.name}.yml`), yaml(ruleFile(group, place))]),
        ),
      },
    }),
    alertmanager: () => ({
      args: [`--config.file=${config('alertmanager.yml')}`, ...alertmanagerArgs(place)],
      files: { [config('alertmanager.yml')]: yaml(alertmanager(place)) },
    }),
    escalation: () => ({
      // Paths in its policy are relative to the home.
      cwd: home,
      args: ['--import', preload, join(repository, 'alertmanager', 'escalation', 'main.ts')],
      env: {
        ...escalationEnv(place),
        FLEETSCOPE_ESCALATION_LOGS: join(home, 'logs', 'alerts'),
        // Whoever looks from elsewhere says by which address.
        ...(process.env.FLEETSCOPE_ESCALATION_URL && {
          FLEETSCOPE_ESCALATION_URL: process.env.FLEETSCOPE_ESCALATION_URL,
        }),
      },
    }),
    monitor: () => ({
      args: ['--import', preload, join(repository, 'monitor', 'ingest', 'main.ts')],
      env: {
        ...monitorEnv(place),
        // A path is relative to where `up` was called, as it is for `npm run monitor`.
        ...(process.env.FLEETSCOPE_MONITOR_DB && { FLEETSCOPE_MONITOR_DB: process.env.FLEETSCOPE_MONITOR_DB }),
      },
    }),
    memory: () => ({
      args: ['--import', preload, join(repository, 'monitor', 'memory', 'schedule', 'main.ts')],
      env: {
        ...memoryEnv(place),
        ...(process.env.FLEETSCOPE_MEMORY_ROOT && { FLEETSCOPE_MEMORY_ROOT: process.env.FLEETSCOPE_MEMORY_ROOT }),
      },
    }),
    collector: () => {
      const copies = copiesOf(process.env, place, config);
      return {
        args: [`--config=${config('collector.yaml')}`, ...copies.args],
        env: copies.env,
        files: { [config('collector.yaml')]: yaml(collector(place)), ...copies.files },
      };
    },
    grafana: ({ homepath }) => ({
      args: ['server', ...(homepath ? [`--homepath=${homepath}`] : [])],
      env: {
        ...grafanaEnv(place),
        GF_PATHS_LOGS: join(home, 'logs', 'grafana'),
        GF_PATHS_PLUGINS: join(place.data('grafana'), 'plugins'),
        GF_PATHS_PROVISIONING: config('grafana'),
      },
      files: {
        [config('grafana/datasources/fleetscope.yaml')]: yaml(datasources(place)),
        // Empty where nothing was chosen: what a start before left there would stay.
        [config('grafana/datasources/choices.yaml')]: yaml(
          sources(...(place.has('jaeger') ? [jaegerSource(place)] : [])),
        ),
        [config('grafana/dashboards/fleetscope.yaml')]: yaml(providers(dashboardsFolder)),
      },
    }),
    jaeger: () => ({
      args: [`--config=${config('jaeger.yaml')}`],
      files: { [config('jaeger.yaml')]: yaml(jaeger(place)) },
    }),
  };
  return [...(Object.keys(stack) as Component[]), 'jaeger' as const].flatMap((component) => {
    const acquired = programs[component];
    if (!acquired) return [];
    return {
      component,
      program: acquired.program,
      args: [],
      files: {},
      folders: [place.data(component)],
      readyUrl: readyUrl(place, component),
      needs: component === 'jaeger' ? [] : stack[component].needs,
      stopTimeoutMs: 30_000,
      ...details[component](acquired),
      env: {
        ...(isOwn(component)
          ? { NODE_OPTIONS: `--max-old-space-size=${Math.floor(place.memoryMib(component) * nodeHeapShare)}` }
          : { GOMEMLIMIT: `${Math.floor(place.memoryMib(component) * goMemoryShare)}MiB` }),
        ...details[component](acquired).env,
      },
    };
  });
}
