import { HttpError } from './http-error.ts';

const timeoutMs = 10_000;

/** A request with JSON in and out. @throws HttpError for an answer that is not 2xx, AbortError when `signal` says so. */
export async function askJson<T>(
  url: string,
  { method = 'GET', body, signal }: { method?: string; body?: object; signal: AbortSignal },
): Promise<{ json: T; headers: Headers }> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw await HttpError.of(response);
  return { json: (await response.json()) as T, headers: response.headers };
}
