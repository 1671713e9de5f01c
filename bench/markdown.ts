import type { Report, Row } from './instrumentation.ts';
import type { Summary } from './statistics.ts';
import { verdict } from './verdict.ts';

const end = '<!-- … to here -->';

/** The document with its tables replaced by those of a run. @throws Error without the two marks. */
export function withTables(document: string, what: string, tables: string): string {
  const begin = `<!-- Written by "npm run bench -- ${what} --write" from here … -->`;
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`Cannot write the tables: the document lacks "${begin}" or "${end}". Put them back.`);
  return `${before}${begin}\n\n${tables}\n\n${end}${after}`;
}

/** Everything that was measured, ratios first. */
export function tables(report: Report): string {
  const { cores, node, platform } = report.machine;
  const rounds = report.rows.find(({ situation }) => situation === 'saturation')?.numbers.cpuMs?.value.rounds;
  return [
    `Node ${node} on ${platform} with ${cores} cores, shared by the service, the load and the receiver. Medians of ${rounds} rounds, the middle half in brackets.`,
    table(
      ['promise', 'measured', ''],
      verdict(report).map(({ promise, measured, kept }) => [promise, measured, kept ? 'kept' : '**missed**']),
    ),
    ...sections.flatMap(([situation, title, columns]) => [
      `### ${title}`,
      table(
        ['service', 'preload', ...columns.map(([heading]) => heading)],
        report.rows
          .filter((row) => row.situation === situation)
          .map((row) => [`${row.service}, ${row.modules}`, row.variant, ...columns.map(([, cell]) => cell(row))]),
      ),
    ]),
    '### Calls of the fleet API',
    table(
      ['call', 'µs per call'],
      report.calls.map(({ name, nsPerCall }) => [`\`${name}\``, (nsPerCall / 1000).toFixed(1)]),
    ),
  ].join('\n\n');
}

type Column = [heading: string, cell: (row: Row) => string];

const ratio = (number: string) => (row: Row) => spread(row.numbers[number]?.ratio, 3);
const value = (number: string, digits: number) => (row: Row) => spread(row.numbers[number]?.value, digits);

const loaded: Column[] = [
  ['CPU per request, ratio', ratio('cpuMs')],
  ['of it main thread', ratio('mainThreadMs')],
  ['p99, ratio', ratio('p99Ms')],
  ['RSS, ratio', ratio('rssMib')],
  ['CPU ms', value('cpuMs', 3)],
  ['main thread ms', value('mainThreadMs', 3)],
  ['p99 ms', value('p99Ms', 0)],
  ['RSS MiB', value('rssMib', 0)],
];

const sections: [Row['situation'], string, Column[]][] = [
  ['saturation', 'At saturation', loaded],
  ['calm', 'At 50 requests/s', loaded],
  [
    'start',
    'Start: from spawn to the first line',
    [
      ['ratio', ratio('startMs')],
      ['ms', value('startMs', 0)],
    ],
  ],
];

export function spread(summary: Summary | undefined, digits: number): string {
  if (!summary) return '';
  const { median, low, high } = summary;
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
