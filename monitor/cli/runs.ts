/** What ran: `list`, `executions`, `agent`. */
import type { Command, Given, Outcome } from './command.ts';
import { findRun, noRun } from './find-run.ts';
import { oneOf, pageOf, pageOptions, text, windowOf, windowOptions } from './options.ts';
import { executionRows, performanceRows, runRows } from './tables.ts';
import { oneLine } from './words.ts';

/** A screen of them, and all of most runs. */
const [pageRows, ofRun] = [20, 100];

const statuses = ['running', 'completed', 'failed', 'partial'] as const;

export const list: Command = {
  usage: 'list',
  description: 'runs, newest first',
  options: [['--status <status>', statuses.join(', ')], ...windowOptions, ...pageOptions(pageRows)],
  async run(given) {
    const { ledger, options, screen } = given;
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
      const none = Object.keys(filter).length > 0 ? 'No run is like that.' : 'No run has been told yet.';
      return { json: { orchestrations: [], next: null }, text: none };
    }
    const rest = next && `\nThere are more: --before ${quoted(next)}`;
    return { json: { orchestrations: shown, next }, text: `${screen.table(runRows(shown, given))}${rest ?? ''}` };
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
    const { ledger, args, options, screen } = given;
    const [agentName = ''] = args;
    const window = windowOf(given);
    const performance = (await ledger.performance(window)).filter(({ agent_name }) => agent_name === agentName);
    const filter = { agentName, newestFirst: true, ...window, ...pageOf(options, pageRows) };
    const { json, text: rows } = await executionPage(given, filter, 'Nothing more.');
    if (performance.length === 0)
      throw new Error(
        `Cannot find the agent "${oneLine(agentName)}": it has done nothing${options.since || options.until ? ' in that time' : ''}. Look at "npm run monitor performance".`,
      );
    const table = screen.table(performanceRows(performance, given));
    return { json: { performance, ...(json as object) }, text: `${table}\n\n${rows}` };
  },
};

async function executionPage(
  given: Given,
  filter: Parameters<Given['ledger']['executions']>[0],
  none: string,
): Promise<Outcome> {
  const found = await given.ledger.executions({ ...filter, limit: filter.limit + 1 });
  const [shown, next] = firstOf(found, filter.limit, ({ agent_session_id }) => agent_session_id);
  const rest = next && `\nThere are more: --before ${quoted(next)}`;
  return {
    json: { executions: shown, next },
    text: shown.length === 0 ? none : `${given.screen.table(executionRows(shown, given))}${rest ?? ''}`,
  };
}

/** What is shown, and after which row the rest comes; null: that is all. */
function firstOf<Row>(found: readonly Row[], limit: number, idOf: (row: Row) => string): [Row[], string | null] {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return [shown, last && found.length > limit ? idOf(last) : null];
}

/** For a shell. */
function quoted(id: string): string {
  return /^[\w./:@-]+$/.test(id) ? id : `'${oneLine(id).replaceAll("'", "'\\''")}'`;
}
