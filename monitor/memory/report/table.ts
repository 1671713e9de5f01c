import { html, Markup } from './markup.ts';

/** @param numbers columns that end at the same place @param spare those that a phone has no room for */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
  numbers: readonly number[],
  spare: readonly number[] = [],
): Markup {
  const look = (column: number, cell?: string | Markup) =>
    `${numbers.includes(column) ? 'number' : cell instanceof Markup && cell.text.startsWith('<svg') ? 'share' : 'word'}${spare.includes(column) ? ' spare' : ''}`;
  return html`<div class="wide"><table><thead><tr>${head.map((name, column) => html`<th class="${look(column)}" scope="col">${name}</th>`)}</tr></thead><tbody>
${rows.map(
  (row) => html`<tr>${row.map((cell, column) => html`<td class="${look(column, cell)}">${cell}</td>`)}</tr>
`,
)}</tbody></table></div>`;
}
