import { setTimeout as delay } from 'node:timers/promises';

/** GET, JSON out. @throws Error that names the URL and the status, or the signal's reason. */
export async function getJson(
  url: string,
  timeoutMs = 5_000,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<unknown> {
  const response = await ask(url, { headers: { accept: 'application/json', ...headers } }, timeoutMs, signal);
  return response.json();
}

export async function getText(url: string, timeoutMs = 5_000, signal?: AbortSignal): Promise<string> {
  return (await ask(url, {}, timeoutMs, signal)).text();
}

export async function postJson(url: string, body: unknown, timeoutMs = 5_000): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await ask(url, { method: 'POST', headers, body: JSON.stringify(body) }, timeoutMs);
  await response.body?.cancel();
}

/** So long, and no longer than until the signal, if there is one. */
export function atMost(timeoutMs: number, signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}

async function ask(url: string, init: RequestInit, timeoutMs: number, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: atMost(timeoutMs, signal) });
  } catch (cause) {
    signal?.throwIfAborted();
    const why = ((cause as Error).cause as Error | undefined)?.message ?? (cause as Error).message;
    throw new Error(`${new URL(url).origin} does not answer (${why})`, { cause });
  }
  if (response.ok) return response;
  const text = (await response.text()).slice(0, 200).trim();
  throw new Error(`${new URL(url).origin} answers ${response.status}${text ? `: ${text}` : ''}`);
}

/** Asks until the answer is true; undefined when it never was before the deadline. An error counts as "not yet". */
export async function until(
  question: () => Promise<boolean>,
  options: { timeoutMs: number; everyMs: number },
): Promise<{ found: true } | { found: false; lastError?: Error }> {
  const deadline = Date.now() + options.timeoutMs;
  let lastError: Error | undefined;
  for (;;) {
    try {
      if (await question()) return { found: true };
      lastError = undefined;
    } catch (error) {
      lastError = error as Error;
    }
    if (Date.now() + options.everyMs > deadline) return lastError ? { found: false, lastError } : { found: false };
    await delay(options.everyMs);
  }
}
