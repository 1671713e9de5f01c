/** `reconcile`: a provider's exports beside what was counted; exit 1 where they differ. */
import { text } from '../../cli/options.ts';
import { money, number, oneLine, share } from '../../words.ts';
import type { CostCommand, CostGiven } from './cost-command.ts';
import { versionedPrices } from './price-version.ts';
import type { Amount, ComparedDay } from './reconcile/compare-days.ts';
import { type Reconciliation, reconcile } from './reconcile/reconcile.ts';

export const reconcileCommand: CostCommand = {
  usage: 'reconcile <exports...>',
  description: 'usage and cost exports of OpenAI or Anthropic (CSV, JSON) beside what was counted, by day and model',
  options: [
    ['--tolerance <share>', 'what may differ, as a share of theirs; default: 0.01'],
    ['--settle <hours>', 'until a day of theirs is whole; default: 24'],
    ['--all', 'also days and models that agree'],
    ['--tell', 'tell the stack of this home the drift: CostDrift is told of it, or ends'],
  ],
  async run({ ledger, memory, args, options, now, screen, pricesFile, tell, told }) {
    const { table } = versionedPrices(pricesFile);
    const tolerance = among('--tolerance', text(options, 'tolerance') ?? '0.01', 1);
    const settleHours = among('--settle', text(options, 'settle') ?? '24', 744);
    const all = await reconcile({ ledger, memory, table, files: args, now, tolerance, settleHours });
    if (options.tell === true)
      await tell(all.flatMap(({ provider, drift }) => (drift ? [{ provider, ratio: drift.ratio }] : [])));
    for (const { provider, drift } of all)
      if (!drift) told(`${provider}: no export tells money of a settled day: tokens alone were compared.`);
    return {
      json: all.map(plain),
      text: all.map((one) => page(one, options.all === true, screen)).join('\n\n'),
      findings: all.some(({ agrees }) => !agrees),
    };
  },
};

/** For machines: money in micro-USD, tokens as they are. */
function plain({ provider, covered, days, drift, unknownModels, other, agrees }: Reconciliation) {
  return {
    ...{ provider, covered, agrees },
    drift: drift
      ? { ours_micro_usd: micro(drift.ours), theirs_micro_usd: micro(drift.theirs), ratio: drift.ratio }
      : null,
    unknown_models: unknownModels,
    other: other.map(({ item, picoUsd }) => ({ item, micro_usd: micro(picoUsd) })),
    days: days.map(({ date, model, verdict, amounts, unpriced }) => ({
      ...{ date, model, verdict, unpriced_calls: unpriced },
      amounts: amounts.map(({ name, ours, theirs, agrees }) => {
        const value = (amount: bigint) => (name === 'money' ? micro(amount) : Number(amount));
        const unit = name === 'money' ? 'micro-USD' : '{token}';
        return { name, unit, ours: ours === null ? null : value(ours), theirs: value(theirs), agrees };
      }),
    })),
  };
}

function page(
  { provider, days, drift, unknownModels, other }: Reconciliation,
  isAll: boolean,
  screen: CostGiven['screen'],
): string {
  const shown = isAll ? days : days.filter(({ verdict }) => verdict !== 'agrees');
  const agreeing = days.filter(({ verdict }) => verdict === 'agrees').length;
  const rows = shown.flatMap((day) => linesOf(day, isAll, screen));
  const head = ['DAY', 'MODEL', 'VERDICT', 'WHAT', 'OURS', 'THEIRS', 'APART'];
  return [
    `${provider}: ${summary(drift)}`,
    ...(rows.length > 0 ? [screen.table([head, ...rows])] : []),
    ...(isAll ? [] : [`${number(agreeing)} of ${number(days.length)} days and models agree.`]),
    ...unknownModels.map((model) => `${oneLine(model)} has no price in the table: docs/prices.md.`),
    ...other.map(
      ({ item, picoUsd }) => `Billed besides tokens, and not compared: ${oneLine(item)}, ${money(micro(picoUsd))}.`,
    ),
  ].join('\n');
}

function summary(drift: Reconciliation['drift']): string {
  if (!drift) return 'tokens alone.';
  return `${money(micro(drift.ours))} counted, ${money(micro(drift.theirs))} billed: ${share(drift.ratio)} apart.`;
}

/** What agrees in a day that does not is left out, unless all is wanted. */
function linesOf(
  { date, model, verdict, amounts, unpriced }: ComparedDay,
  isAll: boolean,
  screen: CostGiven['screen'],
): string[][] {
  const shown = isAll || verdict === 'not yet' ? amounts : amounts.filter(({ agrees }) => !agrees);
  return shown.map((amount, i) => [
    ...(i === 0
      ? [
          date,
          model === null ? 'all models' : oneLine(model),
          verdict === 'agrees' ? verdict : screen.paint('yellow', verdict),
        ]
      : ['', '', '']),
    amount.name.replace('_', ' '),
    ...(amount.name === 'money'
      ? [money(amount.ours === null ? null : micro(amount.ours), unpriced), money(micro(amount.theirs))]
      : [number(Number(amount.ours ?? 0n)), number(Number(amount.theirs))]),
    apart(amount),
  ]);
}

function apart({ ours, theirs }: Amount): string {
  const by = (ours ?? 0n) - theirs;
  if (by === 0n) return '-';
  return theirs === 0n ? 'all' : `${by > 0n ? '+' : ''}${share(Number(by) / Number(theirs))}`;
}

function micro(pico: bigint): number {
  return Number(pico) / 1e6;
}

function among(option: string, given: string, most: number): number {
  const found = /^\d{1,4}(\.\d{1,6})?$/.test(given) ? Number(given) : Number.NaN;
  if (found >= 0 && found <= most) return found;
  throw new RangeError(`Cannot use ${option} "${oneLine(given)}": give a number from 0 to ${most}.`);
}
