/** One HTTP request to a receiver: no redirect is followed, no endless answer read, no secret told. */
import { redact } from '../secret.ts';
import { ChannelError } from './channel.ts';

export interface Ask {
  /** For people: `Slack`. */
  readonly receiver: string;
  readonly url: string;
  readonly method?: 'POST' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** At most `mostBytes` of it. */
  readonly text: string;
  /** The text as JSON, undefined where it is none. */
  readonly json: unknown;
  /** What the receiver said under `Retry-After`. */
  readonly retryAfterMs: number | undefined;
}

/** No receiver here answers more than a few kB. */
const mostBytes = 64 * 1024;

/** The answer, whatever its status. @throws ChannelError, to be tried again, when there is none. */
export async function ask({ receiver, url, method = 'POST', headers, body, signal }: Ask): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'user-agent': 'fleetscope-escalation', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      signal,
    });
    const text = await readStart(response);
    return { status: response.status, text, json: parsed(text), retryAfterMs: retryAfterMs(response.headers) };
  } catch (error) {
    throw new ChannelError(`Cannot reach ${receiver} at ${hostOf(url)}: ${redact(reasonOf(error))}.`, {
      retryable: !isBadRequest(error),
    });
  }
}

/**
 * What a status means for the sender, where the receiver has no words of its own: too many and their troubles pass, the rest
 * would be refused again. @throws ChannelError unless it is 2xx.
 */
export function checkStatus(receiver: string, answer: Answer, said = start(answer.text)): void {
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return;
  if (status >= 300 && status < 400)
    throw new ChannelError(`${receiver} redirects (${status}), which is not followed. Set the address it leads to.`, {
      retryable: false,
    });
  const retryable = status >= 500 || status === 429 || status === 408 || status === 425;
  throw new ChannelError(`${receiver} answered ${status}${said === '' ? '' : `: ${redact(said)}`}.`, {
    retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

async function readStart(response: Response): Promise<string> {
  if (!response.body) return '';
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < mostBytes) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString('utf8');
    chunks.push(value);
    bytes += value.length;
  }
  await reader.cancel();
  return Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8');
}

/** Seconds, also broken ones, or a date. (RFC 9110 10.2.3) */
function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const ms = Number.isNaN(Number(value)) ? Date.parse(value) - Date.now() : Number(value) * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function parsed(text: string): unknown {
  // Most answers are a word: an error for each would cost more than the request.
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: Error & { code?: string } };
  if (name === 'TimeoutError') return 'no answer in time';
  if (name === 'AbortError') return 'stopped while it was sent';
  return cause ? (cause.message === '' ? (cause.code ?? message) : cause.message) : message;
}

/** A URL or a header that cannot be: the next attempt would have the same. */
function isBadRequest(error: unknown): boolean {
  const { name, cause } = error as Error & { cause?: { code?: string } };
  return name === 'TypeError' && (cause === undefined || cause.code === 'ERR_INVALID_URL');
}

/** The host alone: the path of a webhook is its secret. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that is no URL';
}

function start(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
