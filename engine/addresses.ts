import { url } from '../place.ts';
import { type Component, profiles, stack } from '../stack.ts';
import { columns } from './progress.ts';
import { placeOf, type State } from './state.ts';

/** What to open and where to send, with the ports this stack really got. */
export function addressTable(state: State, home: string): string {
  const place = placeOf(state, home);
  const shown = shownOf(state);
  const rows = shown.flatMap((component) =>
    stack[component].published.map((port) => [
      `${stack[component].title}${stack[component].published.length > 1 ? ` (${port})` : ''}`,
      url(place, component, port as never),
    ]),
  );
  return columns(rows);
}

/** What the parts may use together. Containers are held to it; natively the Go runtimes and the memory limiter aim at it. */
export function memoryLine(state: State): string {
  const mib = shownOf(state).reduce((sum, component) => sum + profiles[state.profile][component], 0);
  return `Profile ${state.profile}: ${mib} MiB of memory ${state.engine === 'docker' ? 'at most' : 'aimed at'} in all.`;
}

function shownOf(state: State): Component[] {
  return (Object.keys(stack) as Component[]).filter(
    (component) => state.engine === 'docker' || component in state.components,
  );
}
