import { agentName, errorType } from '../../instrumentation/src/catalog/attributes.ts';
import { commandExecutions, commandParse, commandType, userClass } from '../../instrumentation/src/catalog/commands.ts';
import { agentTokens, operationDuration, providerName, requestModel } from '../../instrumentation/src/catalog/llm.ts';
import {
  agentTaskCost,
  agentTaskRetries,
  agentTasksFailed,
  taskExecute,
} from '../../instrumentation/src/catalog/tasks.ts';
import { executeTool, toolCalls, toolDuration, toolName } from '../../instrumentation/src/catalog/tools.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { countOf } from '../kit/count-of.ts';
import { counted } from '../kit/counted.ts';
import { minutes } from '../kit/duration.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import { type Proof, share } from '../kit/proof.ts';
import { record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { grows, labelsOf, series, type World } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

/** Long enough that one bad hour is no advice. */
const within = '6h';

const tokens = (kind: string) => series(agentTokens, { token_kind: kind });
const calls = (operation: string) => series(countOf(operationDuration), { gen_ai_operation_name: operation });
const ofModel = { by: [providerName, requestModel], within } as const;

export const inputTokens = counted(
  'model:input_tokens:increase6h',
  promql`${agentTokens}{token_kind=~"input|cache_read|cache_write"}`,
  { ...ofModel, means: 'tokens that a model was given to read', like: tokens('input'), unlike: [tokens('output')] },
);

const cachedTokens = counted('model:cached_tokens:increase6h', promql`${agentTokens}{token_kind="cache_read"}`, {
  ...{ ...ofModel, means: 'tokens that a model had read before' },
  like: tokens('cache_read'),
  unlike: [tokens('input')],
});

const cachedShare = record(
  'model:cached_input:ratio6h',
  promql`(${cachedTokens} or 0 * ${inputTokens}) / ${inputTokens}`,
  'share of its input that a model had read before, over 6 hours',
  [
    {
      title: 'is 0 before the first cached token',
      world: grows(tokens('input'), 60),
      answers: [
        { labels: labelsOf(tokens('input'), [environment, 'gen_ai_provider_name', 'gen_ai_request_model']), value: 0 },
      ],
    },
  ],
);

const prompts = counted(
  'model:prompts:increase6h',
  promql`${operationDuration}_count{gen_ai_operation_name!="embeddings"}`,
  {
    ...{ ...ofModel, means: 'calls of a model with a prompt' },
    like: calls('chat'),
    unlike: [calls('embeddings')],
  },
);

const commandsOf = (type: string) => series(commandExecutions, { command_type: type });

const commandsUnknown = counted(
  'environment:commands_unknown:increase6h',
  promql`${commandExecutions}{command_type=~"unknown|help"}`,
  {
    ...{ within, means: 'commands that nobody knows' },
    like: commandsOf('unknown'),
    unlike: [commandsOf('implement')],
  },
);

const commandsGiven = counted('environment:commands:increase6h', commandExecutions, {
  ...{ within, means: 'commands' },
  like: commandsOf('implement'),
});

const callsOfTool = (outcome: string) => series(toolCalls, { outcome, gen_ai_tool_name: 'search' });
const ofTool = { by: [toolName], within } as const;

const toolCallsFailed = counted('tool:calls_failed:increase6h', promql`${toolCalls}{outcome="failure"}`, {
  ...{ ...ofTool, means: 'calls of a tool that failed' },
  like: callsOfTool('failure'),
  unlike: [callsOfTool('success')],
});

const toolCallsMade = counted('tool:calls:increase6h', toolCalls, {
  ...{ ...ofTool, means: 'calls of a tool' },
  like: callsOfTool('success'),
});

const spent = (outcome: string) => series(agentTaskCost, { outcome });
const ofAgent = { by: [agentName], within } as const;

const costOfFailures = counted('agent:failed_task_cost_usd:increase6h', promql`${agentTaskCost}{outcome="failure"}`, {
  ...{ ...ofAgent, means: 'USD that an agent spent in tasks that failed' },
  like: spent('failure'),
  unlike: [spent('success')],
});

const costOfTasks = counted('agent:task_cost_usd:increase6h', agentTaskCost, {
  ...{ ...ofAgent, means: 'USD that an agent spent in tasks' },
  like: spent('success'),
});

/** A prompt must be so long before a provider keeps its beginning, and some of it is always new. */
const cacheableTokens = 2048;

/** What is not wrong and could be better: for when there is time. (A18) */
export function advice({ advice: limits, enough }: Targets) {
  return group(
    'advice',
    [
      inputTokens,
      cachedTokens,
      cachedShare,
      prompts,
      commandsUnknown,
      commandsGiven,
      toolCallsFailed,
      toolCallsMade,
      costOfFailures,
      costOfTasks,
      alert('TokenCacheUnused', {
        spec: ['A18'],
        team: 'finops',
        levels: [{ severity: 'info', under: limits.cached, for: '1h', keepFiringFor: '6h' }],
        when: ({ under }) =>
          promql`${cachedShare} < ${under} and ${inputTokens} >= ${limits.inputTokens} and ${inputTokens} >= ${cacheableTokens} * ${prompts}`,
        summary: 'Prompts for {{ $labels.gen_ai_request_model }} could be cheaper: hardly any of them is cached',
        description:
          'Only {{ $value | humanizePercentage }} of what {{ $labels.gen_ai_request_model }} read in the last 6 hours came from its cache, though prompts are long.',
        dashboard: 'cost-by-model',
        runbook: {
          meaning:
            'A model read many long prompts, and hardly anything of them had it read before. Cached input costs a tenth to a half of other input.',
          impact: 'Money that need not be spent, and answers that begin later than they could.',
          checks: [
            {
              ask: 'Which agent writes these prompts, and is anything cached at all?',
              query: promql`topk(5, sum by (${agentName}, token_kind) (increase(${agentTokens}{${requestModel}="$gen_ai_request_model"}[6h])))`,
            },
            {
              ask: 'How long is a prompt? Tokens for each call:',
              query: promql`sum(${inputTokens}{${requestModel}="$gen_ai_request_model"}) / sum(${prompts}{${requestModel}="$gen_ai_request_model"})`,
            },
            {
              ask: 'What do prompts begin with? (Needs content capture.)',
              query: traceql`{ ${requestModel} = "$gen_ai_request_model" && span.gen_ai.usage.input_tokens > ${cacheableTokens} }`,
            },
          ],
          remedy: [
            'Put what never changes first (instructions, tools, examples), what changes last: a time or an id at the beginning makes every prompt new.',
            'A provider that wants to be told what to keep: mark it (cache_control).',
            'Calls come too seldom for the cache to last, or the provider has none: silence this for the model.',
          ],
        },
        proof: ({ under }) => cacheProof(under, limits.inputTokens),
      }),
      alert('CommandsUnknown', {
        spec: ['A18'],
        team: 'fleet',
        levels: [{ severity: 'info', over: limits.unknownCommands, for: '1h', keepFiringFor: '6h' }],
        when: ({ over }) =>
          promql`${commandsUnknown} / ${commandsGiven} > ${over} and ${commandsGiven} >= ${enough.commands}`,
        summary: 'People ask for commands that there are not',
        description:
          '{{ $value | humanizePercentage }} of the commands of the last 6 hours were unknown, or a call for help.',
        dashboard: 'user-experience',
        runbook: {
          meaning:
            'Of what people typed, much was no command, or a question for help. By convention a service records those as the command types "unknown" and "help".',
          impact: 'People do not find what they need: it is missing, or it is not described where they look.',
          checks: [
            {
              ask: 'Who? New people, or all?',
              query: promql`sum by (${userClass}) (increase(${commandExecutions}{command_type=~"unknown|help"}[6h]))`,
            },
            { ask: 'What did they type?', query: traceql`{ ${commandParse} && status = error }` },
            {
              ask: 'Which commands do they find?',
              query: promql`topk(10, sum by (${commandType}) (increase(${commandExecutions}[6h])))`,
            },
          ],
          remedy: [
            'The same word again and again: make it a command, or another name of one.',
            'Questions for help: say in the answer to an unknown command what there is.',
          ],
        },
        proof: ({ over }) =>
          share(
            { bad: commandsOf('unknown'), rest: commandsOf('implement') },
            { over, within, enough: enough.commands },
          ),
      }),
      alert('ToolFailuresHigh', {
        spec: ['A18'],
        team: 'fleet',
        levels: [{ severity: 'info', over: limits.toolFailures, for: '1h', keepFiringFor: '6h' }],
        when: ({ over }) =>
          promql`${toolCallsFailed} / ${toolCallsMade} > ${over} and ${toolCallsMade} >= ${enough.toolCalls}`,
        summary: 'The tool {{ $labels.gen_ai_tool_name }} mostly fails',
        description:
          '{{ $value | humanizePercentage }} of the calls of {{ $labels.gen_ai_tool_name }} in the last 6 hours failed.',
        dashboard: 'operations',
        runbook: {
          meaning:
            'More than half of the calls of a tool failed for hours. Agents live with it, or tasks would fail too.',
          impact: 'Each call costs a turn of a model, which reads an error and tries something else.',
          checks: [
            {
              ask: 'With which error?',
              query: promql`topk(5, sum by (${errorType}) (increase(${toolDuration}_count{${toolName}="$gen_ai_tool_name",${errorType}!=""}[6h])))`,
            },
            {
              ask: 'For all agents, or one?',
              query: promql`sum by (${agentName}, outcome) (increase(${toolCalls}{${toolName}="$gen_ai_tool_name"}[6h]))`,
            },
            {
              ask: 'How was it called?',
              query: traceql`{ ${executeTool} && ${toolName} = "$gen_ai_tool_name" && status = error }`,
            },
          ],
          remedy: [
            'It is called wrongly: describe its arguments better, with an example; accept what models send.',
            'It is called for what it cannot do: say in its description what it is not for.',
            'What is behind it is gone: take the tool away.',
          ],
        },
        proof: ({ over }) =>
          share(
            { bad: callsOfTool('failure'), rest: callsOfTool('success') },
            { over, within, enough: enough.toolCalls },
          ),
      }),
      alert('CostOfFailedWork', {
        spec: ['A18'],
        team: 'finops',
        levels: [{ severity: 'info', over: limits.wasted, for: '1h', keepFiringFor: '6h' }],
        when: ({ over }) =>
          promql`${costOfFailures} / ${costOfTasks} > ${over} and ${costOfTasks} >= ${limits.wastedUsd}`,
        summary: 'Much of what {{ $labels.agent_name }} costs goes into tasks that fail',
        description:
          '{{ $value | humanizePercentage }} of what {{ $labels.agent_name }} spent in the last 6 hours went into tasks that failed.',
        dashboard: 'cost',
        runbook: {
          meaning: 'Of the money that an agent spent inside tasks, much went into tasks that ended with an error.',
          impact: 'Money without a result.',
          checks: [
            {
              ask: 'Which kind of task, for which workflow?',
              query: promql`topk(5, sum by (task_type, workflow_name) (increase(${agentTaskCost}{${agentName}="$agent_name",outcome="failure"}[6h])))`,
            },
            {
              ask: 'Which error, and how often is it tried again?',
              query: promql`topk(5, sum by (task_type, ${errorType}) (increase(${agentTasksFailed}{${agentName}="$agent_name"}[6h]))) or sum by (task_type) (increase(${agentTaskRetries}{${agentName}="$agent_name"}[6h]))`,
            },
            {
              ask: 'When did a dear one know that it would fail?',
              query: traceql`{ ${taskExecute} && ${agentName} = "$agent_name" && status = error && span.agent.task.cost_usd > 0.01 }`,
            },
          ],
          remedy: [
            'Check first what can be checked without a model: permissions, input, limits.',
            'Try again from where it failed, not from the beginning.',
            'Give up sooner: fewer attempts, a limit of steps or of money for each task.',
          ],
        },
        proof: ({ over }) =>
          share({ bad: spent('failure'), rest: spent('success') }, { over, within, enough: limits.wastedUsd }),
      }),
    ],
    { interval: '1m', provedEvery: '5m' },
  );
}

/** Long prompts, of which less than a share is cached. */
function cacheProof(under: number, least: number): Proof {
  const window = minutes(within);
  const usual = (1000 * least) / window;
  /** So many tokens a minute, of which a share is cached, in prompts of so many. */
  const world = (cached: number, perMinute = usual, long = 2 * cacheableTokens): World => [
    ...grows(tokens('cache_read'), perMinute * cached),
    ...grows(tokens('input'), perMinute * (1 - cached)),
    ...grows(calls('chat'), perMinute / long),
  ];
  const value = Number((under * 0.95).toPrecision(12));
  return {
    bad: world(value),
    good: world(under * 1.05),
    recovered: world(0.9, 1000 * usual),
    quiet: world(0, (0.98 * least) / window),
    enough: world(value, (1.02 * least) / window),
    value,
    trueAfter: 1,
    falseAfter: 5,
    settles: window,
    step: '1m',
    also: [
      {
        title: 'is not told of short prompts',
        phases: [[world(value, usual, 0.98 * cacheableTokens), 180]],
        told: { notFrom: 0 },
      },
      {
        title: 'is told of prompts that are just long enough',
        phases: [[world(value, usual, 1.02 * cacheableTokens), 180]],
        told: 'at the end',
      },
    ],
  };
}

export default twin('yml', ruleFile(advice(targets), compose));
