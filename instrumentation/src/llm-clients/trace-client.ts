import { type Context, context, createContextKey } from '@opentelemetry/api';
import { type End, failure, well } from '../fleet/follower.ts';
import { guard, replace } from '../fleet/guard.ts';
import { beginLlmCall } from '../fleet/llm-call.ts';
import type { LlmCall } from '../fleet/model-call.ts';
import { currentScope } from '../fleet/scope.ts';
import { readSetting } from '../settings.ts';
import { AnswerListener } from './answer-listener.ts';
import { watchBody } from './body-watch.ts';
import { fallbackOf, noteEnd } from './fallbacks.ts';
import {
  askForUsage,
  type Client,
  type Library,
  type ModelRequest,
  modelRequest,
  type RequestOptions,
} from './model-request.ts';
import { withoutOwnSpan } from './own-spans.ts';
import { rateLimits } from './rate-limits.ts';

/** What the method resolves to, as far as it is read here. */
interface Answered {
  response?: Response;
  controller?: AbortController;
}

type MakeRequest = (this: Client, ...request: Request) => Promise<Answered>;
type Request = [
  options: RequestOptions | Promise<RequestOptions>,
  retries?: number,
  retryOf?: string,
  ...rest: unknown[],
];

/** A request of ours on its way: what the client asks again inside it is part of it. */
interface OnItsWay {
  options: RequestOptions;
  retries: number;
  isOpen: boolean;
  call: LlmCall;
}

const onItsWay = createContextKey('fleetscope.model-request');
const traced = Symbol.for('fleetscope.model-request.traced');

/**
 * Traces every model call of a client class, by one method of its prototype: `makeRequest`. Everything goes through it,
 * `create`, `parse`, `stream`, tool runners, `client.post`, clients derived from it (Azure, Bedrock, Vertex), endpoints
 * to come, and it has been there since `openai` 4; patching `create` by `create` misses all that is not listed. It knows
 * the request before it is serialized, and the response before anybody reads it. How a call ends is seen at the body of
 * that response, which every way of reading ends up at: a stream, its tee, its `toReadableStream()`, a helper's
 * `finalMessage()`, `withResponse()`, `asResponse()`. So what the client hands out is untouched: same promise, same
 * stream, same methods.
 */
export function traceClient(library: Library, prototype: object): void {
  const { makeRequest } = prototype as { makeRequest?: MakeRequest & { [traced]?: true } };
  if (typeof makeRequest !== 'function' || makeRequest[traced]) return;
  const patched: MakeRequest = async function (this: Client, ...request) {
    const options = await request[0];
    const begun = attempt(() => begin(library, this, options, request[2]));
    if (!begun) return Reflect.apply(makeRequest, this, request);
    const send = (given: RequestOptions) => Reflect.apply(makeRequest, this, [given, ...request.slice(1)]);
    return trace(begun, send);
  };
  Object.defineProperty(patched, traced, { value: true });
  replace(prototype, 'makeRequest', patched);
}

interface BegunRequest {
  asked: ModelRequest;
  /** As they are sent. */
  options: RequestOptions;
  opened: Opened;
}

/** Undefined: no model call, or a part of one that is on its way. */
function begin(library: Library, client: Client, options: RequestOptions, retryOf: unknown): BegunRequest | undefined {
  const asked = modelRequest(library, client, options);
  const around = withoutOwnSpan(context.active());
  if (!asked || repeats(around, options, retryOf)) return undefined;
  return { asked, options: asksForUsage() ? askForUsage(options, asked) : options, opened: open(asked, around) };
}

/** Clients repeat what failed by calling the method again, inside the call. That counts as a retry, not as a call. */
function repeats(around: Context, options: RequestOptions, retryOf: unknown): boolean {
  const outer = around.getValue(onItsWay) as OnItsWay | undefined;
  if (!outer?.isOpen || (outer.options !== options && retryOf === undefined)) return false;
  outer.retries += 1;
  outer.call.retried(outer.retries);
  return true;
}

async function trace(
  { asked, options, opened: { call, inside, end } }: BegunRequest,
  send: (options: RequestOptions) => Promise<Answered>,
): Promise<Answered> {
  const request: OnItsWay = { options, retries: 0, isOpen: true, call };
  let answered: Answered;
  try {
    answered = await inside(() => context.with(context.active().setValue(onItsWay, request), send, undefined, options));
  } catch (error) {
    guard(() => {
      for (const limit of rateLimits((error as { headers?: Headers }).headers)) call.rateLimit(limit);
    });
    end(failure(error));
    throw error;
  } finally {
    request.isOpen = false;
  }
  const isWatched = attempt(() => watch(answered, new AnswerListener(asked, call, end, options.signal)));
  if (!isWatched) end(well);
  return answered;
}

interface Opened {
  call: LlmCall;
  inside<T>(part: () => T): T;
  end(end: End): void;
}

/** A call of its own, or part of the one that the program has opened around it, which then tells of both. */
function open({ call: options }: ModelRequest, around: Context): Opened {
  const fallback = fallbackOf(around, options);
  const { modelCall } = currentScope(around);
  const opened = modelCall
    ? { call: modelCall.request(), inside: <T>(part: () => T) => part(), end: () => {} }
    : context.with(around, beginLlmCall, undefined, { ...options, ...(fallback && { fallback }) });
  if (modelCall && fallback) opened.call.fellBack({ ...fallback, to: options.model });
  return {
    ...opened,
    end(how) {
      guard(() => noteEnd(around, options, how.failed ? how.error : undefined));
      opened.end(how);
    },
  };
}

/** `true`, unless there is nothing to watch. */
function watch({ response, controller }: Answered, listener: AnswerListener): boolean {
  if (!response) return false;
  for (const limit of rateLimits(response.headers)) listener.call.rateLimit(limit);
  listener.reads(response.headers.get('content-type') ?? '');
  // A client aborts its own request when the reader of its stream has enough, or when the body takes too long.
  controller?.signal.addEventListener('abort', () => listener.aborted(), { once: true });
  watchBody(response, listener);
  return true;
}

/** Whether streams are asked for their tokens, which adds a last chunk without choices to what the program reads. */
function asksForUsage(): boolean {
  return readSetting('FLEETSCOPE_LLM_STREAM_USAGE');
}

/** Our part of the work, which meets objects of the program: a getter may throw. Undefined: it did. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
