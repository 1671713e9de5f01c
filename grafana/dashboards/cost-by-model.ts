/** D04: what each model costs, what one gets for it, and what is not in the sums. */
import { agentName, errorType } from '../../instrumentation/src/catalog/attributes.ts';
import {
  agentCost,
  agentTokens,
  costAmount,
  fallbackCause,
  fallbackModel,
  fallbackTaken,
  inference,
  llmCallsUnmetered,
  llmCallsUnpriced,
  llmErrors,
  llmFallbacks,
  operationDuration,
  providerName,
  requestModel,
  timeToFirstChunk,
  tokenKind,
  tokenUsage,
  unpricedCall,
} from '../../instrumentation/src/catalog/llm.ts';
import { targets } from '../../prometheus/targets.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { dashboard, details, row } from '../dashboard.ts';
import { buckets, grown, percentiles, perDay, quantileOf } from '../lines.ts';
import { ofCell, ofSeries, open } from '../links.ts';
import { heatmap, mishaps, stacked, stat, timeseries } from '../panels.ts';
import { logs, traces } from '../signals.ts';
import { table } from '../table.ts';
import { environment, model } from '../variables.ts';

const here = 'deployment_environment_name=~"$environment"';
/** What a tool charges has no model: it stands on the page Cost tracking. */
const chosen = `${here}, gen_ai_request_model=~"$model", gen_ai_request_model!="unknown"`;

const cost = promql`${agentCost}{${chosen}}`;
const tokens = promql`${agentTokens}{${chosen}}`;
const cached = promql`${agentTokens}{${chosen}, token_kind="cache_read"}`;
const read = promql`${agentTokens}{${chosen}, token_kind=~"input|cache_read|cache_write"}`;
const calls = promql`${operationDuration}_count{${chosen}}`;
const failed = promql`${llmErrors}{${chosen}}`;
const unpriced = promql`${llmCallsUnpriced}{${chosen}}`;
const unmetered = promql`${llmCallsUnmetered}{${chosen}}`;

const idle = 'no such model was called in this time.';
const byRow = [requestModel, providerName];
const byUse = [agentName, requestModel];
/** As many as there is room for. */
const dearest = promql`topk(5, ${grown(cost, byUse)})`;
const onlyThis = open('cost-by-model', { model: ofSeries(requestModel) });

const state = row('What do the models cost?', [
  stat('Cost', grown(cost), {
    read: 'Money spent on model calls in the time range, to the cent: price × tokens of every call that has a price.',
    unit: 'currencyUSD',
    decimals: 2,
    empty: idle,
    width: 4,
    to: 'cost',
  }),
  stat('Tokens', grown(tokens), {
    read: 'Tokens read and written in the time range, each counted once.',
    unit: 'short',
    empty: idle,
    width: 4,
    to: 'cost',
  }),
  stat('Cost, 1,000 calls', promql`1000 * ${grown(cost)} / (${grown(calls)} > 0)`, {
    read: 'What a thousand calls cost on average, calls that failed included. It rises with longer prompts, dearer models, and a cache that no longer hits.',
    unit: 'currencyUSD',
    empty: idle,
    width: 4,
    to: 'tasks',
  }),
  stat('Read from cache', promql`(${grown(cached)} or 0 * ${grown(read)}) / (${grown(read)} > 0)`, {
    read: `Share of the input that the provider had in its cache and sells cheaper. Below ${100 * targets.advice.cached} % of much input someone is told: the beginning of a prompt changes from call to call. Put what changes last.`,
    unit: 'percentunit',
    decimals: 0,
    empty: idle,
    width: 4,
    to: 'performance',
  }),
  stat('Calls that fail', promql`(${grown(failed)} or 0 * ${grown(calls)}) / (${grown(calls)} > 0)`, {
    read: 'Share of the calls in the time range that failed. See "Failed calls": one model alone is its provider, all of them is the way there.',
    unit: 'percentunit',
    decimals: 1,
    empty: idle,
    width: 4,
    to: 'errors',
  }),
  stat(
    'Unknown cost',
    promql`(${grown(unpriced)} or 0 * ${grown(calls)}) + (${grown(unmetered)} or 0 * ${grown(calls)})`,
    {
      read: 'Calls whose model has no price, or whose provider did not tell the tokens: their cost is in no sum of these pages. Any but 0: see "What is not in the sums".',
      unit: 'short',
      steps: { green: 0, red: 1 },
      empty: idle,
      width: 4,
      to: 'cost',
    },
  ),
]);

const compared = row('Which model is worth its money?', [
  table(
    'Models',
    {
      Model: { label: requestModel, to: open('cost-by-model', { model: ofCell }), width: 190 },
      Provider: { label: providerName },
      Cost: { query: grown(cost, byRow), unit: 'currencyUSD' },
      Share: {
        query: promql`${grown(cost, byRow)} / scalar(${grown(cost)})`,
        unit: 'percentunit',
        decimals: 0,
        max: 1,
        bar: true,
      },
      Calls: { query: grown(calls, byRow), unit: 'short' },
      'Per 1,000 calls': {
        query: promql`1000 * ${grown(cost, byRow)} / (${grown(calls, byRow)} > 0)`,
        unit: 'currencyUSD',
      },
      Tokens: { query: grown(tokens, byRow), unit: 'short' },
      Cached: {
        query: promql`(${grown(cached, byRow)} or 0 * ${grown(read, byRow)}) / (${grown(read, byRow)} > 0)`,
        unit: 'percentunit',
        decimals: 0,
      },
      Failed: {
        query: promql`(${grown(failed, byRow)} or 0 * ${grown(calls, byRow)}) / (${grown(calls, byRow)} > 0)`,
        unit: 'percentunit',
        decimals: 1,
      },
      'Duration p95': {
        query: promql`histogram_quantile(0.95, sum by (${requestModel}, ${providerName}, le) (rate(${operationDuration}_bucket{${chosen}}[$__range]))) > 0`,
        unit: 's',
        decimals: 1,
      },
      'First token p95': {
        query: promql`histogram_quantile(0.95, sum by (${requestModel}, ${providerName}, le) (rate(${timeToFirstChunk}_bucket{${chosen}}[$__range]))) > 0`,
        unit: 's',
        decimals: 2,
      },
    },
    {
      read: 'Each model in the time range. Look for one that is dear for 1,000 calls and not faster or surer than another. No cost and many calls: it has no price. A click on a model keeps it alone.',
      sort: 'Cost',
      width: 24,
      height: 10,
      empty: idle,
    },
  ),
]);

const trend = row('How does it change?', [
  stacked(
    'Cost per day, by model',
    { '{{gen_ai_request_model}}': perDay(cost, [requestModel]) },
    {
      read: 'What a day cost, from midnight to midnight UTC, and today as far as it is. A click keeps one model.',
      unit: 'currencyUSD',
      every: '1d',
      over: 'now-14d',
      empty: idle,
      to: onlyThis,
    },
  ),
  timeseries(
    'Cost of 1,000 calls, by model',
    {
      '{{gen_ai_request_model}}': promql`1000 * sum by (${requestModel}) (rate(${cost}[1h])) / (sum by (${requestModel}) (rate(${calls}[1h])) > 0)`,
    },
    {
      read: 'Of the last hour at each point. A step is a change of prompt or price; a slow rise is a conversation that grows.',
      unit: 'currencyUSD',
      empty: idle,
      to: onlyThis,
    },
  ),
  stacked(
    'Tokens a minute, by kind',
    { '{{token_kind}}': promql`60 * sum by (${tokenKind}) (rate(${tokens}[$__rate_interval]))` },
    {
      read: 'Output and reasoning cost several times what input does; input from the cache a tenth. More input for the same calls: prompts grow.',
      unit: 'suffix: /min',
      empty: idle,
    },
  ),
]);

const cause = row('What does not work?', [
  mishaps(
    'Failed calls',
    { '{{gen_ai_request_model}}: {{error_type}}': grown(failed, [requestModel, errorType], '$__interval') },
    {
      read: 'Each failed call once. A rate limit: spread the calls or ask for more. A server error or a timeout: the provider.',
      unit: 'short',
      every: '1m',
      empty: 'no call has failed in this time.',
      to: open('errors', { model: ofSeries(requestModel) }),
    },
  ),
  timeseries('First token, p95, by model', percentiles(timeToFirstChunk, chosen, { of: ['p95'], by: requestModel }), {
    read: 'From the request to the first part of a streamed answer: what a person feels. A dot is one call: a click opens its trace.',
    unit: 's',
    empty: 'no answer was streamed in this time.',
    to: onlyThis,
  }),
  timeseries('Duration, p95, by model', percentiles(operationDuration, chosen, { of: ['p95'], by: requestModel }), {
    read: 'Until the last part of the answer. It grows with the length of answers as well as with a busy provider: compare with the first token.',
    unit: 's',
    empty: idle,
    to: onlyThis,
  }),
  table(
    'Who uses which model',
    {
      Agent: { label: agentName, to: open('agent-detail', { agent: ofCell }) },
      Model: { label: requestModel },
      Cost: { query: dearest, unit: 'currencyUSD', bar: true },
      Tokens: { query: promql`${grown(tokens, byUse)} and ${dearest}`, unit: 'short' },
    },
    {
      read: 'The dearest five. Start at the top: one agent on a smaller model often saves most.',
      sort: 'Cost',
      width: 8,
      empty: idle,
    },
  ),
  table(
    'Other models that stood in',
    {
      Asked: { label: requestModel },
      Instead: { label: fallbackModel },
      Cause: { label: fallbackCause },
      Times: {
        query: grown(promql`${llmFallbacks}{${chosen}}`, [requestModel, fallbackModel, fallbackCause]),
        unit: 'short',
        bar: true,
      },
    },
    {
      read: 'How often another model was asked, and why. Many for rate_limit: the usual model is booked out, and the other may be dearer.',
      sort: 'Times',
      width: 8,
      empty: 'no model had to stand in for another in this time.',
    },
  ),
  table(
    'What is not in the sums',
    {
      Model: { label: requestModel },
      Provider: { label: providerName },
      'No price': { query: grown(unpriced, byRow), unit: 'short', steps: { green: 0, red: 1 } },
      'No tokens told': { query: grown(unmetered, byRow), unit: 'short', steps: { green: 0, red: 1 } },
    },
    {
      read: 'Calls at unknown cost. No price: add one by FLEETSCOPE_PRICES_FILE. No tokens told: FLEETSCOPE_LLM_STREAM_USAGE asks for them.',
      sort: 'No price',
      width: 8,
      empty: 'the cost of every call in this time is known.',
    },
  ),
]);

const more = details('What about single calls?', [
  traces('Calls above one cent', traceql`{ ${inference} && ${costAmount} > 0.01 }`, {
    read: 'The newest traces with a model call that cost more than a cent. Its span names the tokens by kind.',
    empty: 'no call cost more than a cent in this time.',
  }),
  logs(
    'Without a price, or by another model',
    logql`{service_name=~".+", ${here}} | event_name=~"${unpricedCall.name}|${fallbackTaken.name}"`,
    {
      read: 'Said once per model and process for a missing price, and at each fallback. Click on a record for its trace.',
      empty: 'every call had its price and its model in this time.',
    },
  ),
  heatmap('Duration of calls', buckets(operationDuration, chosen), {
    read: 'How many calls took how long. Two clouds are two kinds of calls, or a retry inside the client.',
    unit: 's',
    empty: idle,
  }),
  heatmap('Tokens read per call', buckets(tokenUsage, `${chosen}, gen_ai_token_type="input"`), {
    read: 'How long prompts are. A cloud that rises over days is a prompt that collects things.',
    unit: 'short',
    empty: idle,
  }),
  stat('Longest first token, p99', quantileOf('p99', timeToFirstChunk, chosen, undefined, '$__range'), {
    read: 'One of a hundred streamed answers began later than this in the time range.',
    unit: 's',
    decimals: 1,
    height: 8,
    width: 8,
    empty: 'no answer was streamed in this time.',
    to: 'performance',
  }),
]);

export default twin(
  'json',
  dashboard(
    'cost-by-model',
    {
      question: 'What does each model cost, and is it worth it?',
      from: 'now-7d',
      refresh: '5m',
      variables: [environment, model],
    },
    [state, compared, trend, cause, more],
  ),
);
