import { type Usage, usageOf } from '../cost/usage.ts';
import { guard } from '../fleet/guard.ts';
import { Transcript } from './transcript.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A model stood in by the provider's own doing. */
export interface ServedBy {
  from: string;
  to: string;
}

/**
 * What an answer says of itself, read from its JSON: in one piece or event by event. The form tells the API: OpenAI's
 * chat and its likes, Responses, embeddings, Anthropic's messages. Anything else has an id, a model and a usage, or not.
 */
export class Answer {
  id: string | undefined;
  model: string | undefined;
  tier: string | undefined;
  /** What went wrong after the answer had begun. */
  error: Error | undefined;
  servedBy: ServedBy | undefined;
  readonly transcript: Transcript | undefined;
  /** How often it told a usage. */
  counts = 0;
  readonly #finish = new Map<number, string>();
  #usage: Fields = {};
  /** Of a stream: whether its form has an end of its own, and whether that came. */
  #hasEnd = false;
  #ended = false;

  /** `keepsContent`: the texts too. */
  constructor(keepsContent: boolean) {
    this.transcript = keepsContent ? new Transcript() : undefined;
  }

  get usage(): Usage | undefined {
    return usageOf(this.#usage);
  }

  /** One for each choice. */
  get finishReasons(): string[] {
    return [...this.#finish.values()];
  }

  /** The stream said its last word; nothing after it matters. */
  get isOver(): boolean {
    return this.#ended;
  }

  /** Whether a stream that the server closed now is whole. */
  get isWhole(): boolean {
    return !this.#hasEnd || this.#ended || this.#finish.size > 0;
  }

  /** An answer in one piece. */
  whole(value: unknown): void {
    if (!isFields(value)) return;
    this.#about(value);
    guard(() => this.transcript?.whole(value));
    if (value.error || value.status === 'failed') this.#failed(value.error);
  }

  /** One event of a stream: its data. */
  event(data: unknown): void {
    if (!isFields(data)) return;
    guard(() => this.transcript?.event(data));
    switch (data.type) {
      case 'message_start':
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        this.#hasEnd = true;
        this.#about(data.message ?? data.response);
        break;
      case 'message_delta':
        this.#about({ ...fields(data.delta), usage: data.usage });
        break;
      case 'content_block_start':
        this.#block(data.content_block);
        break;
      case 'message_stop':
        this.#ended = true;
        break;
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        this.#ended = true;
        this.whole(data.response);
        break;
      case 'error':
        this.#failed(data.error ?? data);
        break;
      default:
        if (data.error) this.#failed(data.error);
        if (Array.isArray(data.choices)) this.#hasEnd = true;
        // Groq tells the usage in a field of its own, to everybody.
        this.#about({ usage: fields(data.x_groq).usage, ...data });
    }
  }

  /** `[DONE]`: the end of OpenAI's streams. */
  done(): void {
    this.#ended = true;
  }

  #about(of: unknown): void {
    const { id, model, service_tier, usage, choices, content, ...rest } = fields(of);
    this.id = text(id) ?? this.id;
    this.model = text(model) ?? this.model;
    this.tier = text(service_tier) ?? this.tier;
    if (isFields(usage)) this.#count(usage);
    if (Array.isArray(choices)) {
      for (const [at, choice] of choices.entries()) this.#finished(choice?.finish_reason, choice?.index ?? at);
    }
    if (Array.isArray(content)) for (const block of content) this.#block(block);
    this.#finished(rest.stop_reason ?? statusOf(rest));
  }

  #count(usage: Fields): void {
    // A stream says it more than once, and not everything each time.
    const said = Object.entries(usage).filter(([, value]) => value !== null && value !== undefined);
    this.counts += 1;
    this.#usage = { ...this.#usage, ...Object.fromEntries(said) };
    this.tier = usage.speed === 'fast' ? 'fast' : (text(usage.service_tier) ?? this.tier);
  }

  #finished(reason: unknown, choice: unknown = 0): void {
    const said = text(reason);
    if (said) this.#finish.set(Number(choice), said);
  }

  /** Anthropic says where another model took over. */
  #block(block: unknown): void {
    const { type, from, to } = fields(block);
    const [first, last] = [text(fields(from).model), text(fields(to).model)];
    if (type !== 'fallback' || !first || !last) return;
    this.servedBy = { from: this.servedBy?.from ?? first, to: last };
    this.model = last;
  }

  #failed(error: unknown): void {
    const { code, type, message } = fields(error);
    this.error ??= Object.assign(new Error(text(message) ?? text(error) ?? 'The answer broke off with an error.'), {
      name: text(type) ?? 'APIError',
      ...(typeof code === 'number' && { status: code }),
      ...(text(code) && { code }),
    });
  }
}

/** Responses say how they ended by a status. */
function statusOf({ object, status, incomplete_details, output }: Fields): unknown {
  if (object !== 'response' || status === 'queued' || status === 'in_progress') return undefined;
  const reason = fields(incomplete_details).reason;
  if (reason) return reason;
  const calls = Array.isArray(output) && output.some((item) => /^(function|custom_tool)_call$/.test(item?.type));
  return calls ? 'tool_calls' : status === 'completed' ? 'stop' : status;
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
