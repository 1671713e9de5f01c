/** What ran: `list`, `executions`, `agent`. */

import { oneLine } from '../words.ts';
import type { Command, Given, Options, Outcome } from './command.ts';
import { findRun, noRun } from './find-run.ts';
import { oneOf, pageOf, pageOptions, text, windowOf, windowOptions } from './options.ts';
import { executionTable, performanceTable, runTable } from './tables.ts';

/** A screen of them, and all of most runs. */
const [pageRows, ofRun] = [20, 100];

const statuses = ['running', 'completed', 'failed', 'partial'] as const;

export const list: Command = {
  usage: 'list',
  description: 'runs, newest first',
  options: [['--status <status>', statuses.join(', ')], ...windowOptions, ...pageOptions(pageRows)],
  async run(given) {
    const { ledger, options } = given;
    const status = text(options, 'status');
    const { limit, before } = pageOf(options, pageRows);
    if (before !== undefined && !(await ledger.orchestration(before))) throw noRun(before);
    const filter = {
      ...windowOf(given),
      ...(status !== undefined && { status: oneOf('--status', status, statuses) }),
      ...(before !== undefined && { before }),
    };
    // One more than is shown: whether there are more.
    const found = await ledger.orchestrations({ ...filter, limit: limit + 1 });
    const [shown, next] = firstOf(found, limit, ({ session_id }) => session_id);
    if (shown.length === 0) {
      return { json: { orchestrations: [], next: null }, text: noneLike(options) };
    }
    return { json: { orchestrations: shown, next }, text: `${runTable(shown, given)}${more(next)}` };
  },
};

export const executions: Command = {
  usage: 'executions <session-id>',
  description: 'what the agents did in a run, in the order in which they began',
  options: pageOptions(ofRun),
  async run(given) {
    const { ledger, args, options } = given;
    const [id = ''] = args;
    const run = await findRun(ledger, id);
    if (!run) throw noRun(id);
    return executionPage(given, { orchestrationId: run.id, ...pageOf(options, ofRun) }, 'No agent has begun in it.');
  },
};

export const agent: Command = {
  usage: 'agent <agent-name>',
  description: 'how one agent does, and what it did last',
  options: [...windowOptions, ...pageOptions(pageRows)],
  async run(given) {
    const { ledger, args, options } = given;
    const [agentName = ''] = args;
    const window = windowOf(given);
    const performance = await ledger.performance(window, agentName);
    const filter = { agentName, newestFirst: true, ...window, ...pageOf(options, pageRows) };
    const { json, text: rows } = await executionPage(given, filter, 'Nothing more.');
    if (performance.length === 0)
      throw new Error(
        `Cannot find the agent "${oneLine(agentName)}": it has done nothing${options.since || options.until ? ' in that time' : ''}. Look at "npm run monitor performance".`,
      );
    return { json: { performance, ...(json as object) }, text: `${performanceTable(performance, given)}\n\n${rows}` };
  },
};

async function executionPage(
  given: Given,
  filter: Parameters<Given['ledger']['executions']>[0],
  none: string,
): Promise<Outcome> {
  const found = await given.ledger.executions({ ...filter, limit: filter.limit + 1 });
  const [shown, next] = firstOf(found, filter.limit, ({ agent_session_id }) => agent_session_id);
  return {
    json: { executions: shown, next },
    text: shown.length === 0 ? none : `${executionTable(shown, given)}${more(next)}`,
  };
}

/** What is shown, and after which row the rest comes; null: that is all. */
function firstOf<Row>(found: readonly Row[], limit: number, idOf: (row: Row) => string): [Row[], string | null] {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return [shown, last && found.length > limit ? idOf(last) : null];
}

/** The rest of a list comes by the same command, with this added. */
function more(next: string | null): string {
  return next === null ? '' : `\n\nThere are more: add --before ${quoted(next)}`;
}

function noneLike(options: Options): string {
  if (options.before !== undefined) return 'There are no more.';
  const given = ['status', 'since', 'until'].filter((name) => options[name] !== undefined).map((name) => `--${name}`);
  if (given.length > 0) return `No run is like that. See more without ${given.join(', ')}.`;
  return 'No run has been told yet. A program tells of one by getMonitor(), a fleet by its telemetry: docs/monitor.md.';
}

/** For a shell. */
function quoted(id: string): string {
  return /^[\w./:@-]+$/.test(id) ? id : `'${oneLine(id).replaceAll("'", "'\\''")}'`;
}
