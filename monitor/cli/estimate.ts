/** `estimate [runs]`: what runs will cost, by what runs like them did cost. (R05) */
import { estimateCost } from '../analysis/cost-estimate.ts';
import { count, money } from '../words.ts';
import type { Command } from './command.ts';
import { text, wholeNumber, windowOf, windowOptions } from './options.ts';

/** The newest of them: an estimate does not become better by more. Those of one workflow are looked for among more. */
const most = { ofAll: 2000, ofSome: 5000 };

export const estimate: Command = {
  usage: 'estimate [runs]',
  description: 'what so many runs will cost; default: one, like those of the last 30 days',
  options: [['--workflow <name>', 'like those of this workflow alone'], ...windowOptions],
  async run(given) {
    const { ledger, args, options } = given;
    const runs = wholeNumber('the runs', args[0] ?? '1', 1_000_000);
    const workflow = text(options, 'workflow');
    const limit = workflow === undefined ? most.ofAll : most.ofSome;
    const all = await ledger.orchestrations({ ...windowOf(given, '30d'), limit });
    const like = all.filter(({ workflow_name }) => workflow === undefined || workflow_name === workflow);
    const found = estimateCost(like, { runs });
    if (!found)
      throw new Error(
        `Cannot estimate: of ${count(like.length, 'run')} like that fewer than ten have ended with all their money known. Look further back: --since 90d.`,
      );
    const { sample, unknown, p50_micro_usd, p90_micro_usd, expected_micro_usd, low_micro_usd, high_micro_usd } = found;
    const rest = unknown > 0 ? `; of ${count(unknown, 'more run', 'more')} the money is not known` : '';
    return {
      json: found,
      text: [
        `${count(runs, 'run')}: about ${money(expected_micro_usd)}, nine times in ten from ${money(low_micro_usd)} to ${money(high_micro_usd)}.`,
        `One of them: ${money(p50_micro_usd)} in the middle, nine in ten below ${money(p90_micro_usd)}.`,
        `From ${count(sample, 'run')} like that${rest}.`,
      ].join('\n'),
    };
  },
};
