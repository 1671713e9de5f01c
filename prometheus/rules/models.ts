import { agentName } from '../../instrumentation/src/catalog/attributes.ts';
import {
  agentTokens,
  apiName,
  apiRateLimitUtilization,
  llmErrors,
  llmFallbacks,
  operationDuration,
  rateLimitType,
  requestModel,
} from '../../instrumentation/src/catalog/llm.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import { type Proof, pace } from '../kit/proof.ts';
import { record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { type Phase, rises, type SeriesOf, series, stays } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

export const tokensPerMinute = record(
  'environment:tokens:per_minute_rate5m',
  promql`60 * sum by (${environment}) (rate(${agentTokens}[5m]))`,
  'tokens a minute, over 5 minutes',
);

/** What the fleet takes from the models and the APIs behind its tools. (A10, A13) */
export function models({ rateLimit, tokensPerMinute: tokens }: Targets) {
  return group('models', [
    tokensPerMinute,
    alert('ApiRateLimitNear', {
      spec: ['A10'],
      team: 'fleet',
      levels: [
        { severity: 'high', over: rateLimit.high, for: '2m', keepFiringFor: '5m' },
        { severity: 'warning', over: rateLimit.near, for: '2m', keepFiringFor: '5m' },
      ],
      // The gauge stays as the last answer left it: only one that moves tells of an API in use.
      when: ({ over }) =>
        promql`max by (${environment}, ${apiName}, ${rateLimitType}) (${apiRateLimitUtilization} and changes(${apiRateLimitUtilization}[15m]) > 0) > ${over}`,
      summary: 'The rate limit of {{ $labels.api_name }} is nearly used up',
      description:
        '{{ $value | humanizePercentage }} of the {{ $labels.api_rate_limit_type }} that {{ $labels.api_name }} allows are used.',
      dashboard: 'operations',
      runbook: {
        meaning: 'The last answers of an API said that most of what it allows is used up.',
        impact: 'Beyond it calls are refused: tasks fail, wait, or go to a dearer model.',
        checks: [
          {
            ask: 'Which agent calls so much?',
            query: promql`topk(5, sum by (${agentName}) (rate(${agentTokens}[10m])))`,
          },
          {
            ask: 'Are calls already refused?',
            query: promql`sum by (${requestModel}, error_type) (increase(${llmErrors}[10m]))`,
          },
          {
            ask: 'Do other models stand in?',
            query: promql`sum by (llm_fallback_model, llm_fallback_cause) (increase(${llmFallbacks}[10m]))`,
          },
        ],
        remedy: [
          'Slow down what can wait: batch work, scheduled workflows.',
          'Spread the calls over models or keys.',
          'Ask the provider for a higher limit.',
        ],
      },
      proof: ({ over }) => movingGauge(series(apiRateLimitUtilization), over),
    }),
    alert('TokenUsageHigh', {
      spec: ['A13'],
      team: 'finops',
      levels: [{ severity: 'info', over: tokens, for: '5m', keepFiringFor: '15m' }],
      when: ({ over }) => promql`${tokensPerMinute} > ${over}`,
      summary: 'The fleet spends many tokens',
      description: '{{ $value | humanize }} tokens a minute in the last 5 minutes.',
      dashboard: 'cost-by-model',
      runbook: {
        meaning: 'All agents of one environment together spend more tokens a minute than planned.',
        impact: 'Money: see CostRunRateHigh for how much.',
        checks: [
          { ask: 'Who spends them?', query: promql`topk(5, sum by (${agentName}) (rate(${agentTokens}[5m]) * 60))` },
          {
            ask: 'On which model, and of which kind?',
            query: promql`sum by (${requestModel}, token_kind) (rate(${agentTokens}[5m]) * 60)`,
          },
          {
            ask: 'More calls, or longer ones?',
            query: promql`sum by (${requestModel}) (rate(${operationDuration}_count[5m]) * 60)`,
          },
        ],
        remedy: [
          'More work than planned: raise tokensPerMinute in prometheus/targets.ts, knowingly.',
          'Longer prompts: look at what grew, and whether it is cached.',
        ],
      },
      proof: ({ over }) => pace(series(agentTokens), { over, within: '5m' }),
    }),
  ]);
}

/** It was low and moves up to just beyond the threshold; one that stands there for long is of an API that nobody calls. */
function movingGauge(of: SeriesOf, over: number): Proof {
  const beyond = Number(((over + 1) / 2).toPrecision(3));
  const before: Phase = [stays(of, over / 2), 15];
  return {
    before: [before],
    bad: stays(of, beyond),
    good: stays(of, over),
    recovered: stays(of, over / 2),
    value: beyond,
    trueAfter: 1,
    falseAfter: 1,
    settles: 1,
    also: [
      {
        title: 'is not told of an API that is no longer called',
        phases: [before, [stays(of, beyond), 60]],
        told: { notFrom: 30 },
      },
      { title: 'is told while it moves', phases: [[rises(of, 0.0001, beyond), 60]], told: 'at the end' },
    ],
  };
}

export default twin('yml', ruleFile(models(targets), compose));
