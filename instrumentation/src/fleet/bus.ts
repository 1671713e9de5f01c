import { randomUUID } from 'node:crypto';
import { type Context, context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { processDuration, processMessage, send, sentMessages } from '../catalog/messages.ts';
import { given, textOf } from './given.ts';
import { guard } from './guard.ts';
import { queue } from './queue.ts';
import { add, record } from './record.ts';
import { run } from './run.ts';
import { currentScope, withScope } from './scope.ts';

export type Headers = Record<string, string>;

const workflowNameHeader = 'fleetscope-workflow-name';
const workflowIdHeader = 'fleetscope-workflow-id';

/** Writes the trace, and whose workflow this is, into headers of text: for any transport. (S07) */
export function inject(headers: Headers = {}, from?: Context): Headers {
  guard(() => propagation.inject(from ?? context.active(), headers));
  const { workflowName, workflowId } = currentScope(from);
  // Escaped: on many transports a header is Latin-1.
  guard(() => {
    if (workflowName) headers[workflowNameHeader] = encodeURIComponent(workflowName.toWellFormed());
    if (workflowId) headers[workflowIdHeader] = encodeURIComponent(workflowId.toWellFormed());
  });
  return headers;
}

/** The context that `inject` wrote; run the receiver in it: `context.with(extract(headers), …)`. */
export function extract(headers: Readonly<Headers>, onto?: Context): Context {
  let extracted = onto ?? ROOT_CONTEXT;
  guard(() => {
    extracted = propagation.extract(onto ?? context.active(), headers);
    const workflowName = decoded(headers[workflowNameHeader]);
    const workflowId = decoded(headers[workflowIdHeader]);
    extracted = withScope(extracted, { ...(workflowName && { workflowName }), ...(workflowId && { workflowId }) });
  });
  return extracted;
}

export interface Message<P = unknown> {
  readonly id: string;
  readonly from: string | undefined;
  readonly to: string;
  readonly payload: P;
  /** Text only. They carry the trace. */
  readonly headers: Readonly<Headers>;
  /** ms since 1970. */
  readonly sentAt: number;
}

type Handler<P> = (message: Message<P>) => unknown;

export interface BusOptions {
  /** Most messages that may wait for one receiver. Default: 10 000. */
  maxWaiting?: number;
}

export interface ReceiverOptions {
  /** Most messages that are worked on at a time. Default: 1. */
  atOnce?: number;
}

/**
 * Messages between agents in one process: one receiver per name, in order, and one at a time unless it says otherwise, so
 * that two which wait for each other's answers wait for ever. The trace of the sender goes on in the receiver. A handler
 * that throws does so to whoever awaits `send`. (S07)
 */
export class MessageBus<P = unknown> {
  readonly #boxes = new Map<string, Mailbox<P>>();
  readonly #maxWaiting: number;
  #closed = false;

  constructor(options: BusOptions = {}) {
    const { maxWaiting = 10_000 } = given(options);
    this.#maxWaiting = maxWaiting > 0 ? maxWaiting : 10_000;
  }

  /** Whom messages to `name` go to, from now on; those that wait already included. */
  receive(name: string, handler: Handler<P>, options: ReceiverOptions = {}): void {
    const { atOnce = 1 } = given(options);
    this.#box(name).start(handler, atOnce);
  }

  /**
   * Hands a message over. Resolves to what the handler returned. Wait for it, or too many may come to wait: then it
   * rejects, as it does when the bus is closed.
   */
  send<R = unknown>(to: string, payload: P, headers: Headers = {}): Promise<R> {
    const { agentName: from, workflowId } = currentScope();
    const id = randomUUID();
    const name = textOf(to);
    try {
      return run(
        {
          declaration: send,
          name: `send ${name}`,
          attributes: {
            'messaging.destination.name': name,
            'message.sender': from,
            'messaging.message.id': id,
            'messaging.message.conversation_id': workflowId,
          },
        },
        () => {
          const message = { id, from, to, payload, headers: inject({ ...headers }), sentAt: Date.now() };
          const answer = this.#box(to).put(message);
          add(sentMessages, 1, { 'message.sender': from, 'messaging.destination.name': name });
          // The span ends when the message is handed over; the answer may take its time.
          return { answer };
        },
      ).answer as Promise<R>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** How many wait for this receiver. */
  waiting(name: string): number {
    return this.#boxes.get(name)?.waiting ?? 0;
  }

  /** No more messages; those that wait are refused. */
  close(): void {
    this.#closed = true;
    for (const box of this.#boxes.values()) box.close();
  }

  #box(name: string): Mailbox<P> {
    const known = this.#boxes.get(name);
    if (known) return known;
    const box = new Mailbox<P>(textOf(name), this.#maxWaiting);
    if (this.#closed) box.close();
    this.#boxes.set(name, box);
    return box;
  }
}

interface Waiting<P> {
  message: Message<P>;
  answer: Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

class Mailbox<P> {
  readonly #name: string;
  readonly #maxWaiting: number;
  readonly #queue: Waiting<P>[] = [];
  readonly #watch: ReturnType<typeof queue>;
  #handler: Handler<P> | undefined;
  #atOnce = 1;
  #working = 0;
  #closed = false;

  constructor(name: string, maxWaiting: number) {
    this.#name = name;
    this.#maxWaiting = maxWaiting;
    this.#watch = queue(name, () => this.#queue.length);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  start(handler: Handler<P>, atOnce: number): void {
    this.#handler = handler;
    this.#atOnce = Math.max(1, Math.floor(atOnce) || 1);
    this.#drain();
  }

  put(message: Message<P>): Promise<unknown> {
    if (this.#closed) throw new Error(`Cannot send to ${this.#name}: the bus is closed. Send before close().`);
    if (this.#queue.length >= this.#maxWaiting) {
      throw new Error(
        `Cannot send to ${this.#name}: ${this.#maxWaiting} messages wait already. Slow down, or raise maxWaiting.`,
      );
    }
    const { promise: answer, resolve, reject } = Promise.withResolvers<unknown>();
    this.#queue.push({ message, answer, resolve, reject });
    this.#drain();
    return answer;
  }

  close(): void {
    this.#closed = true;
    this.#watch.stop();
    for (const { answer, reject } of this.#queue.splice(0)) {
      // Who did not wait for the answer does not want to hear of it either.
      answer.catch(() => {});
      reject(new Error(`Not delivered to ${this.#name}: the bus was closed. Wait for the answers before close().`));
    }
  }

  #drain(): void {
    while (this.#handler && this.#working < this.#atOnce) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#working += 1;
      this.#watch.taken(next.message.sentAt);
      void this.#deliver(next, this.#handler);
    }
  }

  async #deliver({ message, resolve, reject }: Waiting<P>, handler: Handler<P>): Promise<void> {
    try {
      resolve(await handle(message, handler));
    } catch (error) {
      reject(error);
    }
    this.#working -= 1;
    this.#drain();
  }
}

/** Works on a message that came by any transport, in the trace of who sent it. */
export function handle<P, T>(
  message: Pick<Message<P>, 'to' | 'headers'> & Partial<Message<P>>,
  handler: (message: Message<P>) => T,
): T {
  const { to, from, id, headers } = envelopeOf(message);
  const destination = { 'messaging.destination.name': to };
  // From the root: whoever fetched the message is not who sent it.
  const parent = extract(headers, ROOT_CONTEXT);
  return run(
    {
      declaration: processMessage,
      name: `process ${to}`,
      parent,
      attributes: {
        ...destination,
        'message.sender': from,
        'messaging.message.id': id,
        'messaging.message.conversation_id': currentScope(parent).workflowId,
      },
      onEnd: ({ seconds, errorType }) => record(processDuration, seconds, { ...destination, 'error.type': errorType }),
    },
    () => handler(message as Message<P>),
  );
}

/** What is written on a message; its payload is not looked at. */
function envelopeOf(message: Partial<Message>): Partial<Message> & { headers: Headers } {
  try {
    const { to, from, id, headers = {} } = message;
    return given({ to, from, id, headers }) as Message;
  } catch {
    return { headers: {} };
  }
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text && decodeURIComponent(text);
  } catch {
    // Not ours.
    return undefined;
  }
}
