import { expect, test } from 'vitest';
import { layout } from './layout.ts';

const panel = (title: string, w: number, h: number) => ({ title, gridPos: { w, h } });

interface Placed {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  panels?: Placed[];
}

const place = (...rows: Parameters<typeof layout>[0]) => layout(rows) as Placed[];
const where = (panels: Placed[]) => panels.map(({ title, gridPos: { x, y } }) => `${title} ${x},${y}`);

test('panels flow from left to right and wrap before they would overflow', () => {
  const row = {
    title: 'Row',
    collapse: false,
    panels: [panel('a', 6, 4), panel('b', 16, 4), panel('c', 12, 8), panel('d', 12, 8)],
  };
  expect(where(place(row, { title: 'Next', collapse: false, panels: [] }))).toEqual([
    'Row 0,0',
    'a 0,1',
    'b 6,1',
    'c 0,5',
    'd 12,5',
    'Next 0,13',
  ]);
});

test('a closed row holds its panels and takes one line', () => {
  const closed = { title: 'Closed', collapse: true, panels: [panel('a', 8, 8), panel('b', 8, 8)] };
  const [row, next] = place(closed, { title: 'Next', collapse: false, panels: [] });
  expect(where(row?.panels ?? [])).toEqual(['a 0,1', 'b 8,1']);
  expect(next?.gridPos).toEqual({ x: 0, y: 1, w: 24, h: 1 });
});

test('a panel keeps its id when others come and go', () => {
  const id = (...titles: string[]) =>
    place({ title: 'Row', collapse: false, panels: titles.map((title) => panel(title, 6, 4)) }).find(
      ({ title }) => title === 'a',
    )?.id;
  expect(id('a', 'b')).toBe(id('new', 'b', 'a'));
});

test('two panels of one title are refused, and so is one wider than the grid', () => {
  const row = (...panels: ReturnType<typeof panel>[]) => ({ title: 'Row', collapse: false, panels });
  expect(() => place(row(panel('a', 6, 4), panel('a', 6, 4)))).toThrow(/Cannot place "a": "a" has the same id/);
  expect(() => place(row(panel('a', 25, 4)))).toThrow(/25 columns wide, of 24/);
});
