/** `export [session-id]`: JSON, NDJSON or CSV as it is read, so that a ledger of any size fits. */
import type { AgentExecution, Orchestration, Step } from '../ledger/record.ts';
import type { Command, Outcome } from './command.ts';
import { csvHead, csvRow } from './csv.ts';
import { findRun, noRun } from './find-run.ts';
import { intoFile } from './into-file.ts';
import { jsonText } from './json-text.ts';
import { oneOf, text } from './options.ts';

type Run = { orchestration: Orchestration; executions: AgentExecution[]; steps: Step[] };

const formats = ['json', 'ndjson', 'csv'] as const;
const tables = ['orchestrations', 'agent_executions', 'steps'] as const;

/** So much is collected before it is written: a write for each row would be slow. */
const chunkChars = 65_536;

export const exportRuns: Command = {
  usage: 'export [session-id]',
  description: 'all runs, or one, with all that is known of them; JSON on stdout',
  options: [
    ['--format <format>', 'json: an array; ndjson: a run a line; csv: one table; default: json'],
    ['--table <table>', `of csv: ${tables.join(', ')}; default: orchestrations`],
    ['--output <file>', 'into a file, which appears when it is whole'],
  ],
  async run({ ledger, args: [id], options, screen }) {
    const format = oneOf('--format', text(options, 'format') ?? 'json', formats);
    const table = oneOf('--table', text(options, 'table') ?? 'orchestrations', tables);
    if (text(options, 'table') !== undefined && format !== 'csv')
      throw new RangeError('Cannot use --table: only CSV has one table. Add --format csv.');
    const run = id === undefined ? undefined : await findRun(ledger, id);
    if (id !== undefined && !run) throw noRun(id);
    const output = text(options, 'output');
    const all = pieces(format, ledger.export(run?.session_id), table);
    if (output === undefined) {
      await inChunks(all, screen.write);
      return {};
    }
    await intoFile(output, (write) => inChunks(all, write));
    return written(output);
  },
};

export function written(output: string): Outcome {
  return { json: { output }, text: `Written: ${output}` };
}

/** Stops early when nobody reads any more, as behind `head`: that is no mistake. */
async function inChunks(all: AsyncIterable<string>, write: (text: string) => Promise<boolean>): Promise<void> {
  let waiting = '';
  for await (const piece of all) {
    waiting += piece;
    if (waiting.length < chunkChars) continue;
    if (!(await write(waiting))) return;
    waiting = '';
  }
  await write(waiting);
}

async function* pieces(format: (typeof formats)[number], runs: AsyncIterable<Run>, table: (typeof tables)[number]) {
  if (format === 'csv') {
    yield csvHead(table);
    for await (const run of runs) for (const row of rowsOf(run, table)) yield csvRow(table, row);
  } else if (format === 'ndjson') {
    for await (const run of runs) yield `${jsonText(run)}\n`;
  } else {
    let before = '[\n';
    for await (const run of runs) {
      yield `${before}${jsonText(run)}`;
      before = ',\n';
    }
    yield before === '[\n' ? '[]\n' : '\n]\n';
  }
}

function rowsOf({ orchestration, executions, steps }: Run, table: (typeof tables)[number]): readonly object[] {
  return { orchestrations: [orchestration], agent_executions: executions, steps }[table];
}
