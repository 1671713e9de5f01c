/** Where panels stand: rows from top to bottom, in a row from left to right, on Grafana's grid of 24 columns. */

const columns = 24;

export interface PlacedRow {
  title: string;
  collapse: boolean;
  panels: (object & { title: string; gridPos: { w: number; h: number } })[];
}

/** Classic panels with places and ids: a panel that does not fit goes to the next line; a closed row holds its own. */
export function layout(rows: readonly PlacedRow[]): object[] {
  const seen = new Map<number, string>();
  const id = (key: string) => {
    const number = stableId(key);
    if (seen.has(number)) throw new Error(`Cannot place "${key}": "${seen.get(number)}" has the same id. Rename one.`);
    seen.set(number, key);
    return number;
  };

  const placed: object[] = [];
  let y = 0;
  for (const { title, collapse: collapsed, panels } of rows) {
    const header = { id: id(`row: ${title}`), type: 'row', title, collapsed, gridPos: { x: 0, y, w: columns, h: 1 } };
    y += 1;
    const inRow = flow(panels, y).map((panel) => ({ id: id(panel.title), ...panel }));
    if (collapsed) {
      placed.push({ ...header, panels: inRow });
    } else {
      placed.push({ ...header, panels: [] }, ...inRow);
      y = Math.max(y, ...inRow.map(({ gridPos }) => gridPos.y + gridPos.h));
    }
  }
  return placed;
}

function flow<P extends PlacedRow['panels'][number]>(panels: readonly P[], top: number) {
  let [x, y, lineHeight] = [0, top, 0];
  return panels.map((panel) => {
    const { w, h } = panel.gridPos;
    if (w > columns) throw new RangeError(`Cannot place "${panel.title}": it is ${w} columns wide, of ${columns}.`);
    if (x + w > columns) [x, y, lineHeight] = [0, y + lineHeight, 0];
    const gridPos = { x, y, w, h };
    x += w;
    lineHeight = Math.max(lineHeight, h);
    return { ...panel, gridPos };
  });
}

/** A panel keeps its id, and the links to it, when others come and go (FNV-1a, 31 bits; Grafana takes 0 for none). */
function stableId(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 1 || 1;
}
