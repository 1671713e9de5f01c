/** What agents, errors and people named, inside a page: text there, never markup. */
import { oneLine } from './words.ts';

/**
 * CommonMark takes a backslash before any of them for the character itself: https://spec.commonmark.org/0.31.2/#backslash-escapes
 * `www.` and `://` would be links on GitHub without any markup: https://github.github.com/gfm/#autolinks-extension-
 */
export function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~!&$@]/g, '\\$&').replace(/:(?=\/\/)|(?<=www)\./gi, '\\$&');
}

/** One line of it, that begins no list either. */
export function plain(text: string | null): string {
  return escaped(oneLine(text)).replace(/^(\d*)([-+.)])(?=\s)/, '$1\\$2');
}

/** The text that `escaped` was given. */
export function unescaped(markdown: string): string {
  return markdown.replace(/\\([\\`*_{}[\]<>#|~!&$@:.)+-])/g, '$1');
}

/** As code, whatever stands in it. A `|` would end a cell even there: https://github.github.com/gfm/#example-200 */
export function code(text: string): string {
  const line = oneLine(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}

/** Ids that `npm run monitor -- show` opens. */
export function ids(evidence: readonly string[]): string {
  return evidence.length === 0 ? '' : `[${evidence.map(code).join(', ')}]`;
}

/** @param rows of cells that are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
