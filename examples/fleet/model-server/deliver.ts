import type { ServerResponse } from 'node:http';
import type { Times } from './pace.ts';
import type { EventStream } from './wire.ts';

/** How far an answer has come. `ready`: all but `rest` is out, which is for the caller to send. */
export type Delivery = { outcome: 'ready'; rest: string } | { outcome: 'reset' | 'aborted' };

/** Waits as long as the whole answer takes, and sends the head. `resetAt` as in `Trouble`. */
export async function deliverWhole(
  response: ServerResponse,
  headers: Record<string, string | number>,
  body: string,
  { firstTokenMs, writingMs }: Times,
  resetAt: number | undefined,
): Promise<Delivery> {
  await wait(firstTokenMs + writingMs, response);
  if (response.destroyed) return { outcome: 'aborted' };
  if (resetAt !== undefined) return { outcome: 'reset' };
  response.writeHead(200, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  return { outcome: 'ready', rest: body };
}

// Timers are not finer than this; shorter waits are saved up.
const shortestWaitMs = 2;

/** Sends the events one by one as the tokens come. At once, and in one piece, where there is nothing to wait for. */
export async function deliverStream(
  response: ServerResponse,
  headers: Record<string, string | number>,
  { start, pieces, end }: EventStream,
  { firstTokenMs, writingMs }: Times,
  resetAt: number | undefined,
): Promise<Delivery> {
  await wait(firstTokenMs, response);
  if (response.destroyed) return { outcome: 'aborted' };
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  const last = resetAt === undefined ? pieces.length : Math.floor(pieces.length * resetAt);
  let text = start;
  let owedMs = 0;
  for (const piece of pieces.slice(0, last)) {
    owedMs += writingMs / pieces.length;
    if (owedMs >= shortestWaitMs) {
      response.write(text);
      await wait(owedMs, response);
      if (response.destroyed) return { outcome: 'aborted' };
      text = '';
      owedMs = 0;
    }
    text += piece;
  }
  if (resetAt === undefined) return { outcome: 'ready', rest: text + end };
  // The client gets what came before the reset: only bytes that have left this process survive it.
  await new Promise<unknown>((resolve) => response.write(text, resolve));
  return { outcome: 'reset' };
}

const longestTimerMs = 2 ** 31 - 1;

/** Over when the time is, or when the client goes. */
export function wait(ms: number, response: ServerResponse): Promise<void> | undefined {
  if (ms <= 0 || response.destroyed) return undefined;
  return new Promise((resolve) => {
    const timer = setTimeout(done, Math.min(ms, longestTimerMs));
    response.once('close', done);
    function done(): void {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    }
  });
}
