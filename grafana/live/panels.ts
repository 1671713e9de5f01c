/** Every query of every panel, variable and annotation, asked of the backends. (D19, B03) */
import { getText } from '../../doctor/ask.ts';
import { stack } from '../../stack.ts';
import { type Backends, metricNames } from './backends.ts';
import type { Language } from './interpolate.ts';
import { judge, type Verdict } from './judge.ts';
import { knownNames } from './names.ts';
import { type Opened, open } from './open.ts';
import { readDashboard } from './read.ts';
import { panelRange } from './time.ts';

export interface PanelsOptions {
  backends: Backends;
  /** Dashboards as parsed JSON. */
  files: readonly unknown[];
  /** Only these. */
  uids: readonly string[] | undefined;
  /** How far back, e.g. `15m`; undefined: as each dashboard says. */
  since: string | undefined;
  budgetMs: number;
  onProgress?: (text: string) => void;
}

/** One dashboard after the other, so that none waits for another. @throws RangeError for a uid that is not there. */
export async function panels(options: PanelsOptions): Promise<{ opened: Opened[]; verdict: Verdict }> {
  const { backends, files, uids, since, budgetMs, onProgress } = options;
  // A duration that cannot be read is wrong usage, not a failure of every query.
  if (since) panelRange(since, { from: 0, to: 0 });
  const dashboards = files.map(readDashboard);
  const all = dashboards.map(({ uid }) => uid);
  const unknown = uids?.find((uid) => !all.includes(uid));
  if (unknown) throw new RangeError(`Cannot find the dashboard "${unknown}": there are ${all.join(', ')}.`);
  const chosen = dashboards.filter(({ uid }) => uids === undefined || uids.includes(uid));
  for (const backend of Object.keys(backends) as Language[]) await needAnswer(backend, backends[backend]);
  const known = knownNames(await metricNames(backends));
  const opened: Opened[] = [];
  for (const [at, dashboard] of chosen.entries()) {
    onProgress?.(`${at + 1} of ${chosen.length}: ${dashboard.title}, ${dashboard.queries.length} queries`);
    opened.push(await open(dashboard, { backends, known, now: Date.now(), since }));
  }
  return { opened, verdict: judge(opened, budgetMs) };
}

/** One sentence instead of a finding per query. A backend that is not ready yet will say so itself. */
async function needAnswer(backend: Language, address: string): Promise<void> {
  await getText(`${address}${stack[backend].ready.path}`).catch((cause: Error) => {
    if (!/does not answer/.test(cause.message)) return;
    const remedy = `Start the stack with "npm run up", or give --${backend}`;
    throw new Error(`Cannot ask ${stack[backend].title}: ${cause.message}. ${remedy}.`, { cause });
  });
}
