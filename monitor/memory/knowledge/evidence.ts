/** What generated blocks claim: every number and every id in them, so that it can be held against what is kept. Pure. (B10) */
import { unescaped } from '../../markdown.ts';
import { numbersIn } from '../consolidate/numbers.ts';
import { untouched } from './blocks.ts';

/** One line, or one cell of a table. */
export interface Claim {
  readonly block: string;
  /** The first cell of the row, and the head of the column; of a line: neither. */
  readonly row: string | undefined;
  readonly column: string | undefined;
  /** Without markup. */
  readonly text: string;
  /** Of the whole row. What `npm run monitor -- show` opens. */
  readonly ids: readonly string[];
  /** As they stand there with their units: `12`, `$0.0123`, `4.00 s`, `97.5 %`, `2026-02-15`, `2026-W07`. */
  readonly numbers: readonly string[];
}

/** What people wrote is theirs: only what the machine wrote is told. @throws RangeError where markers do not match. */
export function claims(name: string, document: string): Claim[] {
  return untouched(name, document).flatMap(({ name: block, text }) => claimsOf(block, text));
}

/** The same of a text that is the machine's alone. */
export function claimsOf(block: string, text: string): Claim[] {
  let head: readonly string[] | undefined;
  return text.split('\n').flatMap((line): Claim[] => {
    if (/^\|( --- \|)+$/.test(line)) return [];
    if (!line.startsWith('| ')) {
      head = undefined;
      return line.trim() === '' ? [] : [claim(block, line, idsIn(line))];
    }
    const cells = cellsOf(line);
    if (!head) {
      head = cells;
      return cells.filter((cell) => cell !== '').map((cell) => claim(block, cell, []));
    }
    const [columns, ids] = [head, idsIn(line)];
    const row = nameOf(cells[0] ?? '');
    return cells.map((cell, i) => claim(block, cell, ids, row, columns[i]));
  });
}

function claim(block: string, markdown: string, ids: readonly string[], row?: string, column?: string): Claim {
  const text = textOf(markdown);
  return { ...{ block, row, column: column && textOf(column), text, ids, numbers: numbersIn(text) } };
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\| ?| ?\|$/g, '')
    .split(/(?<!\\) \| /)
    .map((cell) => cell.trim());
}

/** Code between backticks of any number. */
const codes = /(?<![`\\])(`+)(?!`)(.+?)(?<!`)\1(?!`)/g;

/** All ids stand in brackets, one code after the other. */
const bracket = /(?<!\\)\[(?:(?:`[^`]+`|(`{2,})(?!`)(?:(?!\1).)+\1(?!`))(?:, )?)+\](?!\()/g;

function idsIn(line: string): string[] {
  return [...line.matchAll(bracket)].flatMap(([all]) =>
    [...all.matchAll(codes)].map(([, fence = '', inside = '']) =>
      (fence.length > 1 ? inside.slice(1, -1) : inside).replaceAll('\\|', '|'),
    ),
  );
}

/** What a row is about: here code is what it says. */
function nameOf(markdown: string): string {
  return unescaped(
    markdown
      .replace(/\[(.+)\]\([^)]*\)/, '$1')
      .replace(codes, (_, fence: string, inside: string) => (fence.length > 1 ? inside.trim() : inside)),
  );
}

/** As it is read: without ids, without where links lead, without code, which is a name. */
function textOf(markdown: string): string {
  const shown = markdown
    .replace(bracket, '')
    .replace(/\[(`+)(.+?)\1\]\([^)]*\)/g, '')
    .replace(codes, '')
    .replace(/(?<!\\)\[([^\]]*)\]\([^)]*\)/g, '')
    .replace(/(?<!\\)\*\*/g, '');
  return unescaped(shown).trim();
}
