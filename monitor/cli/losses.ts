/** `losses`: money and time that bought nothing. (B06) */
import { sumMicroUsd } from '../ledger/money.ts';
import type { Loss, LossReason, Window } from '../store/store.ts';
import { duration, errorText, money, number, oneLine, share, span } from '../words.ts';
import type { Command, Given } from './command.ts';
import { windowOf, windowOptions } from './options.ts';

const meanings: Record<LossReason, string> = {
  failed: 'and nobody made it again',
  retried: 'failed, and was made again',
  rejected: 'refused, or not answered to',
  abandoned: 'never ended, silent for a day',
};

/** So many of the dearest are shown; all of them are in the sums, and in JSON. */
const mostShown = 20;

export const losses: Command = {
  usage: 'losses',
  description: 'what failed, retried, rejected and abandoned work cost, by kind of error; default: of the last 7 days',
  options: windowOptions,
  async run(given) {
    const window = windowOf(given, '7d');
    const found = await given.ledger.losses(window);
    const runs = await given.ledger.costs('workflow', window);
    const spent = sumMicroUsd(runs.map(({ cost_micro_usd }) => cost_micro_usd));
    const lost = sums(found);
    const reasons = Object.fromEntries(
      (Object.keys(meanings) as LossReason[]).map((reason) => [
        reason,
        sums(found.filter((loss) => loss.reason === reason)),
      ]),
    ) as Record<LossReason, Lost>;
    const lost_share = spent && lost.cost_micro_usd !== null ? lost.cost_micro_usd / spent : null;
    const seen: Seen = { spent_micro_usd: spent, lost, lost_share, reasons, losses: found };
    return { json: seen, text: lossText(seen, window, given) };
  },
};

interface Lost {
  readonly times: number;
  readonly cost_micro_usd: number | null;
  readonly duration_ms: number;
}

interface Seen {
  /** Of all runs of that time, what bought something included. */
  readonly spent_micro_usd: number | null;
  readonly lost: Lost;
  /** Of the money; null where none is known. */
  readonly lost_share: number | null;
  readonly reasons: Readonly<Record<LossReason, Lost>>;
  readonly losses: readonly Loss[];
}

function sums(losses: readonly Loss[]): Lost {
  return {
    times: losses.reduce((sum, { times }) => sum + times, 0),
    cost_micro_usd: sumMicroUsd(losses.map(({ cost_micro_usd }) => cost_micro_usd)),
    duration_ms: losses.reduce((sum, { duration_ms }) => sum + duration_ms, 0),
  };
}

function lossText({ spent_micro_usd, lost, lost_share, reasons, losses }: Seen, window: Window, { screen }: Given) {
  if (losses.length === 0) return `Nothing was lost, ${span(window)}.`;
  const heading = screen.paint('bold', `${money(lost.cost_micro_usd)} and ${duration(lost.duration_ms)} for nothing`);
  const part = lost_share === null ? '' : `: ${share(lost_share)} of ${money(spent_micro_usd)}`;
  const byReason = (Object.keys(meanings) as LossReason[])
    .filter((reason) => reasons[reason].times > 0)
    .map((reason) => {
      const { times, cost_micro_usd, duration_ms } = reasons[reason];
      return [reason, number(times), money(cost_micro_usd), duration(duration_ms), meanings[reason]];
    });
  const byError = losses
    .slice(0, mostShown)
    .map((row) => [
      row.reason,
      number(row.times),
      money(row.cost_micro_usd),
      duration(row.duration_ms),
      row.error_fingerprint ?? '-',
      oneLine(row.sessions[0] ?? null),
      errorText(row),
    ]);
  const left = losses.length - byError.length;
  return [
    `${heading}, ${span(window)}${part}.`,
    screen.table([['WHY', 'TIMES', 'COST', 'LOST', 'WHAT IT IS'], ...byReason]),
    screen.table(
      [['WHY', 'TIMES', 'COST', 'LOST', 'FINGERPRINT', 'LATEST RUN', 'ERROR'], ...byError],
      ['LOST', 'FINGERPRINT'],
    ) + (left > 0 ? `\n${number(left)} cheaper ones are in --json.` : ''),
  ].join('\n\n');
}
