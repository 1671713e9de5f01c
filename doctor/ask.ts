import { setTimeout as delay } from 'node:timers/promises';

/** GET, JSON out. @throws Error that names the URL and the status. */
export async function getJson(url: string, timeoutMs = 5_000, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await ask(url, { headers: { accept: 'application/json', ...headers } }, timeoutMs);
  return response.json();
}

export async function getText(url: string, timeoutMs = 5_000): Promise<string> {
  return (await ask(url, {}, timeoutMs)).text();
}

export async function postJson(url: string, body: unknown, timeoutMs = 5_000): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await ask(url, { method: 'POST', headers, body: JSON.stringify(body) }, timeoutMs);
  await response.body?.cancel();
}

async function ask(url: string, init: RequestInit, timeoutMs: number): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
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
