import { capturesContent } from '../fleet/content.ts';
import { type End, failure, stopped, well } from '../fleet/follower.ts';
import { guard } from '../fleet/guard.ts';
import type { LlmCall } from '../fleet/model-call.ts';
import { Answer } from './answer.ts';
import type { BodyEnd, BodyListener } from './body-watch.ts';
import { EventStream } from './event-stream.ts';
import type { ModelRequest } from './model-request.ts';

/** The longest answer that is parsed a second time for its usage: embeddings can be many MB of numbers. In characters. */
const longestParsed = 1_000_000;

/** Tells a call what its answer says, as the program reads it, and when it has ended. */
export class AnswerListener implements BodyListener {
  readonly call: LlmCall;
  readonly #asked: ModelRequest;
  readonly #answer: Answer;
  readonly #onEnd: (end: End) => void;
  readonly #signal: AbortSignal | null | undefined;
  readonly #decoder = new TextDecoder();
  #events: EventStream | undefined;
  #text = '';
  #isOpen = true;

  constructor(
    asked: ModelRequest,
    call: LlmCall,
    onEnd: (end: End) => void,
    /** The program's own: by it the program takes its question back. */
    signal: AbortSignal | null | undefined,
  ) {
    this.call = call;
    this.#asked = asked;
    this.#answer = new Answer(capturesContent());
    this.#onEnd = onEnd;
    this.#signal = signal;
  }

  reads(contentType: string): void {
    const isStream = /event-stream/.test(contentType) || (this.#asked.call.stream && !/json/.test(contentType));
    if (isStream) this.#events = new EventStream((data) => this.#event(data));
  }

  part(part: string | Uint8Array): void {
    const text = typeof part === 'string' ? part : this.#decoder.decode(part, { stream: true });
    if (this.#events) this.#events.write(text);
    else this.#text += text;
  }

  parsed(value: unknown): void {
    this.#answer.whole(value);
  }

  end(how: BodyEnd): void {
    if (how.kind === 'whole') {
      if (this.#events) this.#events.end();
      else if (this.#text) this.#answer.whole(read(this.#text));
    }
    this.#finish(this.#endOf(how));
  }

  aborted(): void {
    if (this.#signal?.aborted || this.#asked.call.stream) this.#finish(this.#endOf({ kind: 'left' }));
    else this.#finish(failure(named('APIConnectionTimeoutError', 'The answer took too long.')));
  }

  #event(data: string): void {
    if (!this.#isOpen) return;
    const { counts } = this.#answer;
    if (data === '[DONE]') this.#answer.done();
    else {
      this.call.firstToken();
      this.#answer.event(read(data));
    }
    // Told at once: what the program opened around this call may end before it.
    if (this.#answer.counts > counts && this.#answer.usage) this.call.usage(this.#answer.usage);
    if (this.#answer.isOver || this.#answer.error) this.#finish(this.#endOf({ kind: 'whole' }));
  }

  #endOf(how: BodyEnd): End {
    if (this.#answer.error) return failure(this.#answer.error);
    if (how.kind === 'broken') return failure(reasonOf(how.error));
    if (how.kind === 'whole') return this.#answer.isWhole ? well : stopped;
    return this.#signal?.aborted ? failure(named('AbortError', 'The program took its question back.')) : stopped;
  }

  #finish(end: End): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    guard(() => this.#tellAll());
    this.#onEnd(end);
  }

  #tellAll(): void {
    const { id, model, tier, usage, finishReasons, servedBy, transcript } = this.#answer;
    if (usage) this.call.usage(usage);
    if (servedBy) this.call.fellBack({ ...servedBy, cause: 'quality' });
    this.call.response({ id, model, tier, ...(finishReasons.length > 0 && { finishReasons }) });
    if (transcript) this.call.content({ input: question(this.#asked.body), output: transcript.messages });
  }
}

function question({ system, instructions, messages, input, prompt }: ModelRequest['body']): unknown {
  const before = system ?? instructions;
  const asked = messages ?? input ?? prompt;
  if (before === undefined) return asked;
  return [{ role: 'system', content: before }, ...(Array.isArray(asked) ? asked : [{ role: 'user', content: asked }])];
}

function read(json: string): unknown {
  try {
    // Too long to be read twice: what is looked for stands after the numbers.
    const from = json.length > longestParsed ? json.lastIndexOf('"usage"') : -1;
    return JSON.parse(from < 0 ? json : `{${json.slice(from)}`);
  } catch {
    return undefined;
  }
}

/** `fetch` says no more than `terminated`; what happened is the cause of it. */
function reasonOf(error: unknown): unknown {
  const { cause } = (error ?? {}) as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause : error;
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
