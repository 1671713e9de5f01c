import { count } from '../../words.ts';
import { html, Markup } from './markup.ts';

/**
 * @param numbers columns that end at the same place
 * @param spare those that a phone has no room for
 * @param look `stack`: on a phone the first cell is a line of its own, with the others under it, each by its name
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
  numbers: readonly number[],
  spare: readonly number[] = [],
  look: 'rows' | 'stack' = 'rows',
): Markup {
  const kind = (column: number, cell?: string | Markup) =>
    `${numbers.includes(column) ? 'number' : cell instanceof Markup && cell.text.startsWith('<svg') ? 'drawn' : 'word'}${spare.includes(column) ? ' spare' : ''}`;
  return html`<div class="wide"><table class="${look}"><thead><tr>${head.map((name, column) => html`<th class="${kind(column, rows[0]?.[column])}" scope="col">${name}</th>`)}</tr></thead><tbody>
${rows.map(
  (
    row,
  ) => html`<tr>${row.map((cell, column) => html`<td class="${kind(column, cell)}"${look === 'stack' && column > 0 && html` data-name="${head[column]}"`}>${cell}</td>`)}</tr>
`,
)}</tbody></table></div>`;
}

/** Under a list that is cut: how many more there are, and what lists them. */
export function rest(more: number, ask: string): Markup | undefined {
  return more > 0 ? html`<p class="soft">${count(more, 'more row')}: <code>${ask}</code></p>` : undefined;
}
