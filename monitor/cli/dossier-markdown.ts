/** A dossier as a page. What agents and errors said is text there, never markup. */
import { escaped } from '../markdown.ts';
import type { Sections } from './dossier-sections.ts';

export function markdown({ title, facts, sections }: Sections): string {
  const parts = sections.map(({ title, rows = [], lines = [] }) =>
    [`## ${title}`, ...(rows.length > 0 ? [tableOf(rows)] : []), ...(lines.length > 0 ? [listOf(lines)] : [])].join(
      '\n\n',
    ),
  );
  return [`# ${escaped(title)}`, tableOf([['', ''], ...facts]), ...parts].join('\n\n');
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const [head = [], ...rest] = rows.map((row) => `| ${row.map(escaped).join(' | ')} |`);
  return [head, `|${' --- |'.repeat(rows[0]?.length ?? 0)}`, ...rest].join('\n');
}

function listOf(lines: readonly string[]): string {
  return lines
    .map((line) => {
      const [, name, link] = /^([\w ]+): (https?:\/\/\S+)$/.exec(line) ?? [];
      return link ? `- [${escaped(name as string)}](<${link.replaceAll('>', '%3E')}>)` : `- ${escaped(line)}`;
    })
    .join('\n');
}
