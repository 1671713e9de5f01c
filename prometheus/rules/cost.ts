import { agentName } from '../../instrumentation/src/catalog/attributes.ts';
import { agentCost } from '../../instrumentation/src/catalog/llm.ts';
import { promql } from '../../queries/promql.ts';
import { twin } from '../../twin.ts';

/**
 * Money spent in a window, exactly. A process begins its counter with the first call's price and ends it where it ends:
 * `increase()` would miss the one and guess at the other, which over restarts is more than the 1 % that is promised.
 */
const spentIn = (window: string) =>
  promql`max_over_time(${agentCost}[${window}]) - (${agentCost} offset ${window} or max_over_time(${agentCost}[${window}]) * 0)`;

/** What the fleet spends: in the last 24 hours by agent, and at the rate of the last hour. (T01, C02) */
export function cost() {
  return {
    groups: [
      {
        name: 'cost',
        rules: [
          { record: 'agent_cost_per_day', expr: promql`sum by (${agentName}) (${spentIn('1d')})`.text },
          { record: 'fleet:agent_cost_usd:run_rate_per_day', expr: promql`24 * sum(${spentIn('1h')})`.text },
        ],
      },
    ],
  };
}

export default twin('yml', cost());
