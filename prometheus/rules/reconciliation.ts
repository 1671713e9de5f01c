import {
  costDrift,
  llmCallsUnmetered,
  llmCallsUnpriced,
  providerName,
  requestModel,
} from '../../instrumentation/src/catalog/llm.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { retentionDays } from '../../stack.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import type { Proof } from '../kit/proof.ts';
import { type Answer, record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series, stays } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

/** A bill comes monthly: what was found is so until the next one, or until metrics are deleted. */
const days = retentionDays.metrics;

/** A run says it once and ends. */
const lastDrift = record(
  'provider:cost_drift:last',
  promql`max by (${providerName}) (last_over_time(${costDrift}[${days}d]))`,
  `by how much the money counted differs from the bill, as the last reconciliation of ${days} days said`,
  told(),
);

function told(): Answer[] {
  const of = (value: number) => stays(series(costDrift, { gen_ai_provider_name: 'openai' }), value);
  const minutes = days * 24 * 60;
  const rest = { world: [], step: '1h' } as const;
  return [
    {
      title: 'is that of the last run, and is remembered',
      after: [
        [of(0.5), 60],
        [of(0.02), 60],
      ],
      ...{ ...rest, atMinute: minutes - 120, answers: [{ labels: { gen_ai_provider_name: 'openai' }, value: 0.02 }] },
    },
    {
      title: `is forgotten after ${days} days`,
      after: [[of(0.02), 60]],
      ...{ ...rest, atMinute: minutes + 120, answers: [] },
    },
  ];
}

/** Is what we count what is billed? Silent where nobody lays the two beside each other. (B05, C03) */
export function reconciliation({ costDrift: tolerated }: Targets) {
  return group(
    'reconciliation',
    [
      lastDrift,
      alert('CostDrift', {
        spec: ['B05', 'C03'],
        team: 'finops',
        levels: [{ severity: 'warning', over: tolerated, for: '15m' }],
        when: ({ over }) => promql`${lastDrift} > ${over}`,
        summary: 'The cost that was counted is not what {{ $labels.gen_ai_provider_name }} bills',
        description: `It differs by {{ $value | humanizePercentage }}; up to ${tolerated * 100} % is tolerated.`,
        dashboard: 'cost-by-model',
        runbook: {
          meaning: `The last reconciliation with the provider's export found that all settled days together differ by more than ${tolerated * 100} % of the bill.`,
          impact: 'Money is as it is. What budgets, comparisons and reports say of it is wrong by that much.',
          checks: [
            { ask: 'Which days and models, tokens or money?', command: 'npm run memory -- reconcile <export>...' },
            { ask: 'Which providers, and by how much?', query: promql`${lastDrift}` },
            {
              ask: 'Calls whose price or whose tokens are not known: are they in the bill alone?',
              query: promql`sum by (${providerName}, ${requestModel}) (increase(${llmCallsUnpriced}[7d])) or sum by (${providerName}, ${requestModel}) (increase(${llmCallsUnmetered}[7d]))`,
            },
          ],
          remedy: [
            'Tokens agree and money differs: a price has changed, or your contract has another. Correct it (docs/prices.md), then npm run memory -- reprice.',
            '"ours lacks": calls that nobody tells of: a service without the instrumentation, a stream whose usage is not asked for, another key.',
            '"theirs lacks": the export is of another organization or project, or a gateway pays for these calls.',
            'Tokens of the cache differ and their sum agrees: the provider counts cached tokens in its input and we do not, or the contrary. Report it.',
            'It is mended: reconcile again with --tell, which ends this alert. Nobody wants it: silence it.',
          ],
        },
        proof: ({ over }) => driftProof(over),
      }),
    ],
    // Told once a day at most; and its worlds last for weeks.
    { interval: '5m', provedEvery: '15m' },
  );
}

function driftProof(over: number): Proof {
  const drift = (value: number, provider = 'openai') =>
    stays(series(lastDrift, { gen_ai_provider_name: provider }), value);
  const raw = (value: number) => stays(series(costDrift, { gen_ai_provider_name: 'openai' }), value);
  const beyond = Number((over * 1.05).toPrecision(12));
  return {
    bad: drift(beyond),
    good: drift(over),
    recovered: drift(0),
    value: beyond,
    trueAfter: 0,
    falseAfter: 1,
    settles: 15,
    also: [
      {
        title: 'is told until the next reconciliation, though the run has ended',
        phases: [
          [raw(beyond), 60],
          [[], 7 * 24 * 60],
        ],
        told: 'at the end',
        step: '1h',
      },
      {
        title: 'is told of one provider though another agrees',
        phases: [[[...drift(beyond), ...drift(0, 'anthropic')], 45]],
        told: 'at the end',
      },
      { title: 'is not told where nobody reconciles', phases: [[[], 60]], told: { notFrom: 0 } },
    ],
  };
}

export default twin('yml', ruleFile(reconciliation(targets), compose));
