import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { type Acquired, type AcquireOptions, acquire } from '../native/acquire.ts';
import { binaries, type NativeComponent } from '../native/binaries.ts';
import type { Progress } from '../native/build.ts';
import { jaegerTool } from '../native/jaeger.ts';
import { needTool } from '../native/tool.ts';
import { type Choice, type Component, components, isOwn, type Local, parts, stack } from '../stack.ts';
import type { Programs } from './processes.ts';
import { isAlive, type Pid, type State } from './state.ts';

/** Every program that a native stack can have; Grafana only where one is installed. */
export async function acquireAll(
  options: Omit<AcquireOptions, 'progress'> & {
    /** Asked once for each component. */
    progress: (component: Component) => Progress;
    chosen?: readonly Choice[];
  },
  done: (component: Local, acquired: Acquired) => void,
): Promise<Programs> {
  const programs: Programs = {};
  for (const component of Object.keys(binaries) as NativeComponent[]) {
    const acquired = await acquire(component, { ...options, progress: options.progress(component) });
    programs[component] = acquired;
    done(component, acquired);
  }
  // Ours: this very Node runs it, from this checkout.
  for (const component of components.filter(isOwn)) {
    const own: Acquired = { program: process.execPath, version: stack[component].own.version, from: 'repository' };
    programs[component] = own;
    done(component, own);
  }
  if (options.chosen?.includes('jaeger')) {
    const program = join(await needTool(jaegerTool, options.notice, options.env), 'jaeger');
    programs.jaeger = { program, version: parts.jaeger.native.release, from: 'cache' };
    done('jaeger', programs.jaeger);
  }
  const grafana = await findGrafana(options.env);
  if (grafana) {
    programs.grafana = grafana;
    done('grafana', grafana);
  } else {
    options.notice(
      'Grafana is not on PATH and cannot be built here: the dashboards wait in grafana/dashboards, everything else runs.',
    );
  }
  return programs;
}

/** `grafana` on PATH, with the folder that holds its pages: beside the program, or where the packages put it. */
async function findGrafana(env: NodeJS.ProcessEnv): Promise<Programs['grafana']> {
  const { stdout, failed } = await execa('grafana', ['--version'], { reject: false, timeout: 10_000, env });
  const version = /version v?(\d+\.\d+\.\d+\S*)/.exec(stdout ?? '')?.[1];
  if (failed || !version) return undefined;
  const which = await execa('sh', ['-c', 'readlink -f "$(command -v grafana)"'], { reject: false, env });
  const beside = dirname(dirname(which.stdout ?? ''));
  const homepath = [env.FLEETSCOPE_GRAFANA_HOME, beside, '/usr/share/grafana'].find(
    (folder) => folder && existsSync(join(folder, 'conf', 'defaults.ini')),
  );
  return { program: 'grafana', version, from: 'PATH', ...(homepath ? { homepath } : {}) };
}

/** An orphan that has not ended this long after SIGTERM is killed. */
const orphanTimeoutMs = 10_000;

/** Ends what a supervisor that was killed left running: the Collector first, so that it flushes. */
export async function stopOrphans(state: State, notice: (line: string) => void): Promise<void> {
  const { collector, ...others } = state.components;
  if (collector) await stopOrphan('collector', collector.process, notice);
  await Promise.all(Object.entries(others).map(([component, { process }]) => stopOrphan(component, process, notice)));
}

async function stopOrphan(component: string, orphan: Pid | undefined, notice: (line: string) => void): Promise<void> {
  if (!orphan || !isAlive(orphan)) return;
  notice(`Stopping ${component} (pid ${orphan.pid}), left by a run that was killed.`);
  process.kill(orphan.pid, 'SIGTERM');
  const deadline = Date.now() + orphanTimeoutMs;
  while (isAlive(orphan)) {
    if (Date.now() > deadline) process.kill(orphan.pid, 'SIGKILL');
    await delay(100);
  }
}
