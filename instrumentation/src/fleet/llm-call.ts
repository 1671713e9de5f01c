import type { ValueOf } from '../catalog/attribute.ts';
import {
  fallbackTaken,
  inference,
  llmCallsUnmetered,
  llmErrors,
  llmFallbacks,
  operationDuration,
  type operationName,
  timeToFirstChunk,
} from '../catalog/llm.ts';
import type { Usage } from '../cost/usage.ts';
import { type Answer, charge } from './charge.ts';
import { capturesContent } from './content.ts';
import { emit } from './emit.ts';
import { given } from './given.ts';
import { harmless } from './guard.ts';
import { beat } from './heartbeat.ts';
import type { Fallback, LlmCall } from './model-call.ts';
import { recordRateLimit } from './rate-limit.ts';
import { add, record } from './record.ts';
import { type Begun, begin, type Call, type Recorded, run } from './run.ts';
import { currentScope, type ModelCall } from './scope.ts';

export interface LlmCallOptions {
  /** By the conventions, e.g. `openai`, `anthropic`, `aws.bedrock`. */
  provider: string;
  /** The model asked for. */
  model: string;
  /** Default: `chat`. */
  operation?: ValueOf<typeof operationName>;
  stream?: boolean;
  fallback?: Fallback;
}

/**
 * One model call: `chat {model}`, with tokens, time to the first one, and its price. (S04, T07, C01)
 * Calls made with the `openai` and `@anthropic-ai/sdk` clients are traced without it; inside of it they are part of it.
 */
export function llmCall<T>(options: LlmCallOptions, fn: (call: LlmCall) => T): T {
  const { call, speak, modelCall } = describe(options);
  return run({ ...call, scope: { modelCall } }, (span) => fn(speak(span)));
}

/** The same for a call whose end is seen elsewhere, such as at the last byte of its answer. */
export function beginLlmCall(options: LlmCallOptions): Pick<Begun, 'inside' | 'end'> & { call: LlmCall } {
  const { call, speak, modelCall } = describe(options);
  const { recorded, inside, end } = begin(call);
  speak(recorded);
  return { call: modelCall.request(), inside, end };
}

function describe(options: LlmCallOptions) {
  const scope = currentScope();
  const { provider, model, operation = 'chat', stream, fallback } = given(options);
  const by = { 'gen_ai.provider.name': provider, 'gen_ai.request.model': model };
  const labels = { 'gen_ai.operation.name': operation, ...by };
  const started = performance.now();
  const startedAt = new Date();
  const answer: Answer = {};
  /** What the program said, and what was heard of each request that a client made. */
  let said: Usage | undefined;
  const heard: (Usage | undefined)[] = [];
  let firstSeconds: number | undefined;
  let streamed = stream ?? false;
  const firstToken = () => {
    firstSeconds ??= (performance.now() - started) / 1000;
  };
  let spoken: LlmCall | undefined;
  beat();
  if (fallback) tellFallback(provider, model, fallback);
  const call: Call<typeof inference> = {
    declaration: inference,
    name: `${operation} ${model}`,
    attributes: {
      ...labels,
      'agent.name': scope.agentName,
      'gen_ai.request.stream': stream,
      'llm.fallback': fallback !== undefined,
      'llm.fallback.from': fallback?.from,
      'llm.fallback.cause': fallback?.cause,
    },
    onItem: firstToken,
    onEnd({ failed, outcome, errorType, seconds, complete }, span) {
      record(operationDuration, seconds, { ...labels, 'error.type': errorType });
      if (outcome === 'failure') add(llmErrors, 1, { ...by, 'error.type': errorType });
      if (!complete && !failed) span.set({ 'llm.stream.complete': false });
      if (streamed && firstSeconds !== undefined) {
        span.set({ 'gen_ai.response.time_to_first_chunk': firstSeconds });
        record(timeToFirstChunk, firstSeconds, labels);
      }
      const usage = said ?? sum(heard);
      if (usage) charge({ provider, model, operation, at: startedAt }, answer, usage, span);
      if (failed && firstSeconds === undefined) return;
      const known = said !== undefined || (usage !== undefined && complete);
      span.set({ 'llm.usage.known': known, ...(!usage && { 'llm.cost.known': false }) });
      if (!known) add(llmCallsUnmetered, 1, by);
    },
  };
  const speak = (span: Recorded<typeof inference>): LlmCall => {
    spoken = {
      usage: (counted) => {
        said = counted;
      },
      response: harmless(({ model: answeredBy, id, finishReasons, tier }) => {
        if (answeredBy) answer.model = answeredBy;
        if (tier) answer.tier = tier;
        span.set({
          'gen_ai.response.model': answeredBy,
          'gen_ai.response.id': id,
          'gen_ai.response.finish_reasons': finishReasons,
        });
      }),
      firstToken() {
        streamed = true;
        firstToken();
      },
      rateLimit: (limit) => recordRateLimit(provider, limit),
      // What is circular is not kept.
      content: harmless(({ input, output }) => {
        if (!capturesContent()) return;
        span.set({
          'gen_ai.input.messages': input === undefined ? undefined : JSON.stringify(input),
          'gen_ai.output.messages': output === undefined ? undefined : JSON.stringify(output),
        });
      }),
      retried: (times) => span.set({ 'llm.retry.count': times }),
      fellBack: harmless(({ from, cause, to = model }) => {
        span.set({ 'llm.fallback': true, 'llm.fallback.from': from, 'llm.fallback.cause': cause });
        tellFallback(provider, to, { from, cause });
      }),
    };
    return spoken;
  };
  const modelCall: ModelCall = {
    request() {
      const at = heard.push(undefined) - 1;
      return {
        ...(spoken as LlmCall),
        usage: (counted) => {
          heard[at] = counted;
        },
      };
    },
  };
  return { call, speak, modelCall };
}

function sum(usages: readonly (Usage | undefined)[]): Usage | undefined {
  const known = usages.filter((usage) => usage !== undefined);
  if (known.length < 2) return known[0];
  const total = (kind: keyof Usage) => known.reduce((tokens, usage) => tokens + (usage[kind] ?? 0), 0);
  return {
    input: total('input'),
    output: total('output'),
    cacheRead: total('cacheRead'),
    cacheWrite: total('cacheWrite'),
    cacheWrite1h: total('cacheWrite1h'),
    reasoning: total('reasoning'),
  };
}

function tellFallback(provider: string, model: string, { from, cause }: Fallback) {
  add(llmFallbacks, 1, { 'gen_ai.request.model': from, 'llm.fallback.model': model, 'llm.fallback.cause': cause });
  emit(fallbackTaken, `${model} stands in for ${from}: ${cause}`, {
    'agent.name': currentScope().agentName,
    'gen_ai.provider.name': provider,
    'llm.fallback.from': from,
    'gen_ai.request.model': model,
    'llm.fallback.cause': cause,
  });
}
