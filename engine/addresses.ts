import { localLimits, url } from '../place.ts';
import { type Component, disks, type Local, parts, stack } from '../stack.ts';
import { columns } from './progress.ts';
import { placeOf, type State } from './state.ts';

/** What to open and where to send, with the ports this stack really got. */
export function addressTable(state: State, home: string): string {
  const place = placeOf(state, home);
  const shown = shownOf(state);
  const rows = shown.flatMap((component) =>
    parts[component].published.map((port) => [
      `${parts[component].title}${parts[component].published.length > 1 ? ` (${port})` : ''}`,
      url(place, component, port as never),
    ]),
  );
  return columns(rows);
}

/** What the parts may use together. Containers are held to it; natively the Go runtimes and the memory limiter aim at it. */
export function limitsLine({ engine, profile, ...state }: State): string {
  const limits = localLimits(profile);
  const mib = shownOf({ engine, ...state }).reduce((sum, component) => sum + limits[component], 0);
  const { queue, metrics } = disks[profile];
  const disk = (queues * queue + metrics) / 1024;
  return `Profile ${profile}: ${mib} MiB of memory ${engine === 'docker' ? 'at most' : 'aimed at'} in all; ${disk} GiB of disk at most for metrics and queues.`;
}

/** One for each store, and the ledger's. */
const queues = 4;

function shownOf(state: Pick<State, 'engine' | 'components' | 'chosen'>): Local[] {
  const ours = (Object.keys(stack) as Component[]).filter(
    (component) => state.engine === 'docker' || component in state.components,
  );
  return [...ours, ...(state.chosen ?? [])];
}
