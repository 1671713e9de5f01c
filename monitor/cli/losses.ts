/** `losses`: money and time that bought nothing. (B06) */
import { type CostOfFailure, FailureTally, type Reason } from '../analysis/cost-of-failure.ts';
import type { Orchestration } from '../ledger/record.ts';
import type { Window } from '../store/store.ts';
import type { Command, Given } from './command.ts';
import { windowOf, windowOptions } from './options.ts';
import { runOf } from './run-of.ts';
import { count, duration, money, oneLine, share } from './words.ts';

/** Runs are read so many at a time. */
const pageRows = 200;

const meanings: Record<Reason, string> = {
  failed: 'work that failed, and was not made again',
  retried: 'attempts that failed, and were made again',
  rejected: 'work that a person refused, or nobody answered to',
  abandoned: 'runs that never ended, silent for a day',
};

export const losses: Command = {
  usage: 'losses',
  description: 'what failed, retried, rejected and abandoned work cost, by kind of error; default: of the last 7 days',
  options: windowOptions,
  async run(given) {
    const tally = new FailureTally(given.now);
    for await (const run of runs(given, windowOf(given, '7d'))) tally.add(await runOf(given.ledger, run));
    const result = tally.result();
    return { json: result, text: result.runs === 0 ? 'Nothing ran in that time.' : lossText(result, given) };
  },
};

async function* runs({ ledger }: Given, window: Window): AsyncGenerator<Orchestration> {
  for (let before: string | undefined; ; ) {
    const page = await ledger.orchestrations({ ...window, limit: pageRows, ...(before !== undefined && { before }) });
    yield* page;
    before = page.at(-1)?.id;
    if (page.length < pageRows) return;
  }
}

function lossText(result: CostOfFailure, { screen }: Given): string {
  const { runs, spent_micro_usd, lost, lost_share, reasons, fingerprints } = result;
  const [heading, rest] = [
    `${money(lost.cost_micro_usd)} and ${duration(lost.duration_ms)} for nothing`,
    `in ${count(runs, 'run')} that cost ${money(spent_micro_usd)}${lost_share === null ? '' : `: ${share(lost_share)} of the money`}`,
  ];
  const byReason = (Object.keys(meanings) as Reason[])
    .filter((reason) => reasons[reason].times > 0)
    .map((reason) => {
      const { times, cost_micro_usd, duration_ms } = reasons[reason];
      return [reason, `${times}`, money(cost_micro_usd), duration(duration_ms), meanings[reason]];
    });
  const byError = fingerprints.map((row) => [
    row.error_fingerprint ?? '-',
    `${row.times}`,
    money(row.cost_micro_usd),
    duration(row.duration_ms),
    row.reasons.join(', '),
    oneLine(row.sessions[0] ?? null),
    [row.error_type, row.error_message].filter(Boolean).map(oneLine).join(': ') || '-',
  ]);
  return [
    `${screen.paint('bold', heading)}, ${rest}.`,
    ...(byReason.length > 0 ? [screen.table([['WHY', 'TIMES', 'COST', 'LOST', 'WHAT IT IS'], ...byReason])] : []),
    ...(byError.length > 0
      ? [screen.table([['FINGERPRINT', 'TIMES', 'COST', 'LOST', 'WHY', 'LATEST RUN', 'ERROR'], ...byError])]
      : []),
  ].join('\n\n');
}
