import { agentName } from '../../instrumentation/src/catalog/attributes.ts';
import {
  agentCost,
  agentTokens,
  llmCallsUnpriced,
  providerName,
  requestModel,
  unpricedCall,
} from '../../instrumentation/src/catalog/llm.ts';
import { agentTaskCost } from '../../instrumentation/src/catalog/tasks.ts';
import { compose } from '../../place.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { twin } from '../../twin.ts';
import { added } from '../kit/added.ts';
import { alert, type Check } from '../kit/alert.ts';
import { counted, countedProof } from '../kit/counted.ts';
import { minutes } from '../kit/duration.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import { burst, type Proof } from '../kit/proof.ts';
import { record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { grows, type SeriesOf, series } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

/** What each agent spent in the last 24 hours. (T01) */
export const agentCostPerDay = record(
  'agent_cost_per_day',
  promql`sum by (${environment}, ${agentName}) (${added(agentCost, '1d')})`,
  'USD an agent spent in the last 24 hours',
  countedProof([environment, 'agent_name'], { within: '1d', like: series(agentCost), exactly: true }),
);

/** What the fleet would spend in a day at the rate of the last hour. (C02) */
export const costRunRate = record(
  'environment:agent_cost_usd:run_rate_per_day',
  promql`24 * sum by (${environment}) (${added(agentCost, '1h')})`,
  'USD a day, at the rate of the last hour',
  countedProof([environment], { within: '1h', like: series(agentCost), exactly: true }, 24),
);

const callsWithoutPrice = counted('model:calls_unpriced:added15m', llmCallsUnpriced, {
  by: [providerName, requestModel],
  within: '15m',
  means: 'calls whose model is not in the price table',
  like: series(llmCallsUnpriced),
  exactly: true,
});

export const whoSpends: Check = {
  ask: 'Which agent spends it, on which model?',
  query: promql`topk(10, sum by (${agentName}, ${requestModel}) (increase(${agentCost}[1h])))`,
};
export const forWhat: Check = {
  ask: 'For which workflows, and how much of it for work that failed?',
  query: promql`sum by (workflow_name, outcome) (increase(${agentTaskCost}[1h]))`,
};
export const inWhat: Check = {
  ask: 'More calls, or longer ones? Tokens by kind:',
  query: promql`sum by (${requestModel}, token_kind) (increase(${agentTokens}[1h]))`,
};

/** Does each environment's fleet stay within the budget, and is every call priced? (A02, A15, C01) */
export function cost({ cost: money }: Targets) {
  const tolerated = Number((money.usdPerDay * (1 + money.marginShare)).toFixed(2));
  return group('cost', [
    agentCostPerDay,
    costRunRate,
    callsWithoutPrice,
    alert('CostBudgetExceeded', {
      spec: ['A02', 'A15'],
      team: 'finops',
      levels: [{ severity: 'high', over: tolerated, for: '5m', keepFiringFor: '30m' }],
      when: ({ over }) => promql`sum by (${environment}) (${agentCostPerDay}) > ${over}`,
      summary: 'The fleet has spent more than its daily budget',
      description: `{{ $value | printf "%.2f" }} USD in the last 24 hours; the budget is ${money.usdPerDay} USD.`,
      dashboard: 'cost',
      runbook: {
        meaning: `In the last 24 hours all agents together spent more than the budget and its margin (${tolerated} USD).`,
        impact: 'Money. It is already spent.',
        checks: [whoSpends, forWhat, inWhat],
        remedy: [
          'Failed work that is repeated: stop it, then look for its reason.',
          'A dear model where a cheap one would do: change the choice.',
          'The work is worth it: raise usdPerDay in prometheus/targets.ts, knowingly.',
        ],
      },
      proof: ({ over }) => spentInADay(series(agentCost), over),
    }),
    alert('CostRunRateHigh', {
      spec: ['A02', 'A15'],
      team: 'finops',
      levels: [{ severity: 'warning', over: tolerated, for: '15m', keepFiringFor: '30m' }],
      when: ({ over }) => promql`${costRunRate} > ${over}`,
      summary: 'At this rate the fleet will spend more than its daily budget',
      description: `At the rate of the last hour, {{ $value | printf "%.2f" }} USD a day; the budget is ${money.usdPerDay} USD.`,
      dashboard: 'cost',
      runbook: {
        meaning: `The last hour, 24 times over, is more than the budget and its margin (${tolerated} USD).`,
        impact: 'Money, if it goes on. A busy hour alone does no harm: the day may still end within its budget.',
        checks: [whoSpends, forWhat, inWhat],
        remedy: [
          'It is a busy hour: look at the projection to the end of the day on the dashboard.',
          'It is not: as for CostBudgetExceeded, while there is still something to save.',
        ],
      },
      proof: ({ over }) => runRate(series(agentCost), over),
    }),
    alert('CostUnknown', {
      spec: ['C01'],
      team: 'finops',
      levels: [{ severity: 'warning', over: 0, for: '1m', keepFiringFor: '30m' }],
      when: ({ over }) => promql`${callsWithoutPrice} > ${over}`,
      summary: 'Calls of {{ $labels.gen_ai_request_model }} have no price',
      description:
        '{{ $value | humanize }} calls of {{ $labels.gen_ai_request_model }} in 15 minutes are in no sum of money: its price is not in the table.',
      dashboard: 'cost-by-model',
      runbook: {
        meaning: 'A model is called whose price is not in the table: its tokens are counted, its cost is not.',
        impact: 'Every sum of money is too low by what these calls cost.',
        checks: [
          {
            ask: 'Which models, how often?',
            query: promql`sum by (${providerName}, ${requestModel}) (increase(${llmCallsUnpriced}[1h]))`,
          },
          { ask: 'How was the model named?', query: logql`{service_name=~".+"} | event_name=${unpricedCall}` },
          {
            ask: 'How many tokens are without a price?',
            query: promql`sum by (${requestModel}, token_kind) (increase(${agentTokens}[1h]))`,
          },
        ],
        remedy: ['Add the price: docs/prices.md. Calls of the past can be priced again from their tokens.'],
      },
      proof: ({ over }) => burst(series(llmCallsUnpriced), { over, within: '15m' }),
    }),
  ]);
}

/** Spent in one go by the first call of a process, and by evenly spending processes: the sum of a day either way. */
function spentInADay(of: SeriesOf, over: number): Proof {
  return {
    ...burst(of, { over: over - 1 + over * 0.05, within: '1d' }),
    good: grows(of, 0, over * 0.95),
    step: '1m',
    also: [],
  };
}

/** Money flows evenly: the hour must be full of it. */
function runRate(of: SeriesOf, over: number): Proof {
  const hour = minutes('1h');
  const perMinute = (usdPerDay: number) => usdPerDay / 24 / hour;
  const value = Number((over * 1.05).toPrecision(12));
  return {
    bad: grows(of, perMinute(value)),
    good: grows(of, perMinute(over * 0.95)),
    recovered: grows(of, 0),
    value,
    trueAfter: Math.floor(hour / 1.05) + 1,
    falseAfter: Math.ceil(hour * (1 - 1 / 1.05)),
    settles: hour,
    step: '1m',
  };
}

export default twin('yml', ruleFile(cost(targets), compose));
