/** What is known of one thing: a name and what it is, line by line. */
import { stripVTControlCharacters } from 'node:util';
import type { Screen } from './command.ts';

/** At a terminal a long value goes on beneath where it began: what matters is not cut off. */
export function listed(facts: readonly (readonly [name: string, value: string])[], screen: Screen): string {
  if (!Number.isFinite(screen.width)) return screen.table(facts);
  const indent = Math.max(...facts.map(([name]) => name.length)) + 2;
  return facts
    .map(([name, value]) => name.padEnd(indent) + wrapped(value, screen.width - indent).join(`\n${' '.repeat(indent)}`))
    .join('\n');
}

/** Lines of at most so many columns, broken at blanks; a word that is longer stays whole, to be copied. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    const longer = line === undefined ? word : `${line} ${word}`;
    if (line !== undefined && stripVTControlCharacters(longer).length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
