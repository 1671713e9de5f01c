/**
 * Documents that people and the machine write together. What is generated stands between markers, one block each; what people write around them is never
 * touched, and what they write inside one stays. A block that somebody took away stays away. Pure: text in, text out. (M04, M05)
 */
import { hash } from 'node:crypto';

export interface Block {
  /** Unlike in a document: `metrics`, `error-1f2e3d4c5b6a`. */
  readonly name: string;
  readonly text: string;
}

/** What a person has made of a block; an empty text: it is not to be there. */
export interface Correction {
  readonly block: string;
  readonly text: string;
}

export interface Merged {
  readonly text: string;
  /** All that are in force. */
  readonly corrections: readonly Correction[];
}

/**
 * Puts blocks into a document, each in its place; a new one before the next of them that has a place, or at the end. A block that is no longer generated goes, unless a person has
 * written in it.
 * @param before the document as it is; undefined: there is none, and it begins with `heading`.
 * @param corrections known from elsewhere, for a document that was lost. @throws RangeError where markers do not match: nothing is guessed.
 */
export function merge(
  { name, heading }: { readonly name: string; readonly heading: string },
  before: string | undefined,
  blocks: readonly Block[],
  corrections: readonly Correction[] = [],
): Merged {
  const parts = read(name, before ?? `${heading}\n\n`);
  const found = corrected(parts, before === undefined ? [] : written(parts));
  const inForce = new Map(
    [...(before === undefined ? corrections : []), ...found].map(({ block, text }) => [block, text]),
  );
  const generated = new Map(blocks.map((block) => [block.name, block.text]));
  const placed = new Set(parts.flatMap((part) => (part.kind === 'block' ? [part.name] : [])));
  const fresh = (block: Block): string[] => {
    const instead = inForce.get(block.name);
    const text = `${shown(block.name, instead ?? block.text, instead !== undefined)}\n`;
    return placed.has(block.name) || instead === '' ? [] : [text];
  };
  /** New ones right before this one. */
  const ahead = (name: string) => {
    const before = blocks.slice(0, Math.max(0, indexIn(blocks, name)));
    return before.slice(before.findLastIndex((block) => placed.has(block.name)) + 1).flatMap(fresh);
  };
  const textOf = (part: Part | undefined) =>
    part?.kind === 'block' ? (inForce.get(part.name) ?? generated.get(part.name)) : undefined;
  const goes = (part: Part | undefined) => part?.kind === 'block' && textOf(part) === undefined;
  const texts = parts.flatMap((part, i) => {
    // With a block goes the empty line that came with it.
    if (part.kind === 'text') return [goes(parts[i - 1]) ? part.text.replace(/^\r?\n/, '') : part.text];
    const text = textOf(part);
    if (part.kind === 'index' || text === undefined) return [];
    return [...ahead(part.name), shown(part.name, text, inForce.has(part.name))];
  });
  const last = blocks.findLastIndex((block) => placed.has(block.name));
  const all = [...generated.keys(), ...inForce.keys()];
  const body = [...texts, ...blocks.slice(last + 1).flatMap(fresh)].join('').replace(/\n+$/, '\n');
  return {
    text: `${body}\n${indexOf([...new Set(all)])}\n`,
    corrections: [...inForce].map(([block, text]) => ({ block, text })),
  };
}

function indexIn(blocks: readonly Block[], name: string): number {
  return blocks.findIndex((block) => block.name === name);
}

/** What of a document is as the machine wrote it. @throws RangeError as `merge` does. */
export function untouched(name: string, document: string): Block[] {
  return read(name, document).flatMap((part) =>
    part.kind === 'block' && part.mark === markOf(part.text) ? [{ name: part.name, text: part.text }] : [],
  );
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'block'; readonly name: string; readonly mark: string; readonly text: string }
  | { readonly kind: 'index'; readonly names: readonly string[] };

const marker = /^<!-- fleetscope:(begin|end|blocks) ([^\n]*?) ?-->[ \t]*$/;

function read(document: string, text: string): Part[] {
  const parts: Part[] = [];
  let open: { name: string; mark: string; lines: string[]; line: number } | undefined;
  let outside: string[] = [];
  const flush = () => {
    if (outside.length > 0) parts.push({ kind: 'text', text: outside.join('') });
    outside = [];
  };
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  for (const [i, raw] of lines.entries()) {
    const [, what, said = ''] = marker.exec(raw.replace(/\r?\n$/, '')) ?? [];
    const [name = '', mark = ''] = said.split(' ');
    const broken = (why: string) =>
      new RangeError(
        `Cannot write ${document}: line ${i + 1} ${why}. Put the marker back, or take the whole block away.`,
      );
    if (what === 'begin') {
      if (open) throw broken(`begins "${name}" inside "${open.name}", which began in line ${open.line}`);
      if (parts.some((part) => part.kind === 'block' && part.name === name))
        throw broken(`begins "${name}" a second time`);
      flush();
      open = { name, mark, lines: [], line: i + 1 };
    } else if (what === 'end') {
      if (open?.name !== name) throw broken(`ends "${name}", which has not begun`);
      parts.push({ kind: 'block', name, mark: open.mark, text: open.lines.join('').replace(/\r?\n$/, '') });
      open = undefined;
    } else if (what === 'blocks') {
      flush();
      parts.push({ kind: 'index', names: said.split(' ').filter(Boolean) });
    } else (open ? open.lines : outside).push(raw);
  }
  if (open)
    throw new RangeError(
      `Cannot write ${document}: "${open.name}", begun in line ${open.line}, does not end. Put the marker back, or take the whole block away.`,
    );
  flush();
  return parts;
}

/** Blocks that were there when it was written. */
function written(parts: readonly Part[]): readonly string[] {
  return parts.flatMap((part) => (part.kind === 'index' ? part.names : []));
}

/** What people changed since: text that is not what its mark says, and blocks that are gone. Emptied, a block is the machine's again. */
function corrected(parts: readonly Part[], before: readonly string[]): Correction[] {
  const there = parts.flatMap((part) => (part.kind === 'block' ? [part] : []));
  const changed = there
    .filter(({ mark, text }) => text.trim() !== '' && (mark === kept || mark !== markOf(text)))
    .map(({ name, text }) => ({ block: name, text }));
  const gone = before.filter((name) => !there.some((block) => block.name === name));
  return [...changed, ...gone.map((block) => ({ block, text: '' }))];
}

/** In the place of a mark: a person wrote this. */
const kept = 'kept';

/** Twelve hexadecimal digits: whether a text is still as it was written. Line ends and spaces at them are nobody's correction. */
function markOf(text: string): string {
  const plain = text
    .replace(/\r\n/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .trim();
  return hash('sha256', plain).slice(0, 12);
}

function shown(name: string, text: string, isKept: boolean): string {
  const body = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `<!-- fleetscope:begin ${name} ${isKept ? kept : markOf(text)} -->\n${body}<!-- fleetscope:end ${name} -->\n`;
}

function indexOf(names: readonly string[]): string {
  return `<!-- fleetscope:blocks ${names.join(' ')} -->`;
}
