/** A dossier at a terminal. */
import type { Dossier } from '../analysis/dossier.ts';
import type { Screen } from './command.ts';
import type { Sections } from './dossier-sections.ts';
import { listed, wrapped } from './facts.ts';
import { coloured } from './tables.ts';
import { bars } from './waterfall.ts';

/** The longest parts that are drawn; `waterfall` draws more. */
const drawnParts = 15;

export function dossierText({ waterfall }: Dossier, { title, facts, sections }: Sections, screen: Screen): string {
  const parts = sections.map(({ title, rows = [], spare = [], lines = [] }) => {
    const [head = [], ...rest] = rows;
    const body = [
      head.map((name) => name.toUpperCase()),
      ...rest.map((row) => row.map((cell) => coloured(cell, screen))),
    ];
    const drawn = title === 'Time and money' && screen.width < Number.POSITIVE_INFINITY;
    return [
      screen.paint('bold', title),
      ...(rows.length > 0
        ? [
            screen.table(
              body,
              spare.map((name) => name.toUpperCase()),
            ),
          ]
        : []),
      ...(drawn ? ['', bars(waterfall, drawnParts, screen)] : []),
      ...lines.flatMap((line) => wrapped(line, screen.width)),
    ].join('\n');
  });
  const table = listed(
    facts.map(([name, value]) => [name, coloured(value, screen)]),
    screen,
  );
  return [screen.paint('bold', title), table, ...parts].join('\n\n');
}
