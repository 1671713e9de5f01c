import { url } from '../place.ts';
import { type Component, stack } from '../stack.ts';
import { columns } from './progress.ts';
import { placeOf, type State } from './state.ts';

/** What to open and where to send, with the ports this stack really got. */
export function addressTable(state: State, home: string): string {
  const place = placeOf(state, home);
  const shown = (Object.keys(stack) as Component[]).filter(
    (component) => state.engine === 'docker' || component in state.components,
  );
  const rows = shown.flatMap((component) =>
    stack[component].published.map((port) => [
      `${stack[component].title}${stack[component].published.length > 1 ? ` (${port})` : ''}`,
      url(place, component, port as never),
    ]),
  );
  return columns(rows);
}
