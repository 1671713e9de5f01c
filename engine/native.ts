import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { type Acquired, type AcquireOptions, acquire } from '../native/acquire.ts';
import { binaries, type NativeComponent } from '../native/binaries.ts';
import type { Progress } from '../native/build.ts';
import type { Component } from '../stack.ts';
import type { Programs } from './processes.ts';
import { isAlive, type State } from './state.ts';

/** Every program that a native stack can have; Grafana only where one is installed. */
export async function acquireAll(
  options: Omit<AcquireOptions, 'progress'> & {
    progress: (component: Component, ...step: Parameters<Progress>) => void;
  },
  done: (component: Component, acquired: Acquired) => void,
): Promise<Programs> {
  const programs: Programs = {};
  for (const component of Object.keys(binaries) as NativeComponent[]) {
    const acquired = await acquire(component, {
      ...options,
      progress: (...step) => options.progress(component, ...step),
    });
    programs[component] = acquired;
    done(component, acquired);
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

/** Ends what a supervisor that was killed left running. */
export async function stopOrphans(state: State, notice: (line: string) => void): Promise<void> {
  for (const [component, { process: orphan }] of Object.entries(state.components)) {
    if (!orphan || !isAlive(orphan)) continue;
    notice(`Stopping ${component} (pid ${orphan.pid}), left by a run that was killed.`);
    process.kill(orphan.pid, 'SIGTERM');
    for (let waited = 0; isAlive(orphan); waited += 100) {
      if (waited === 20_000) process.kill(orphan.pid, 'SIGKILL');
      await delay(100);
    }
  }
}
