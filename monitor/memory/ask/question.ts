/** What `npm run memory -- ask` can be asked. */
import type { Option, Options, Screen } from '../../cli/command.ts';
import { csvText } from '../../cli/csv.ts';
import { jsonText } from '../../cli/json-text.ts';
import { oneOf, text } from '../../cli/options.ts';
import type { MemoryStore } from '../store/memory-store.ts';

export interface Question {
  /** As commander reads it: `why <decision>`. */
  readonly usage: string;
  readonly description: string;
  readonly options?: readonly Option[];
  /** @throws Error where nothing is known of it: that is no zero. */
  answer(asked: Asked): Promise<Answer>;
}

export interface Asked {
  readonly memory: MemoryStore;
  readonly args: readonly string[];
  readonly options: Options;
  readonly screen: Screen;
}

export interface Answer {
  readonly json: unknown;
  /** For CSV: one row for each thing that the answer is about. */
  readonly columns: readonly string[];
  readonly rows: readonly object[];
  /** For people: a heading, a table. */
  readonly text: string;
  /** What is not known, or not wholly. */
  readonly notes?: readonly string[];
}

const formats = ['text', 'csv', 'json'] as const;

export const formatOption: Option = ['--format <format>', `${formats.join(', ')}; default: text`];

/** @throws RangeError for a format that is none, before anything is read. */
export function formatOf(options: Options): (typeof formats)[number] {
  return options.json ? 'json' : oneOf('--format', text(options, 'format') ?? 'text', formats);
}

/** An answer as it is written. In CSV there is no place for notes: `told` is standard error. */
export function printedAnswer(answer: Answer, options: Options, told: (line: string) => void): string {
  const { json, columns, rows, text, notes = [] } = answer;
  const format = formatOf(options);
  if (format === 'json') return `${jsonText(json)}\n`;
  if (format === 'text') return `${[text, notes.join('\n')].filter(Boolean).join('\n\n')}\n`;
  for (const note of notes) told(note);
  return csvText(columns, rows);
}
