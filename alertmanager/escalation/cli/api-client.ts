/** Asks the service's API. What is refused is said in the service's own words. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

export interface ApiClient {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  /** JSON, one value a line, as it comes. */
  lines<T>(path: string): AsyncIterable<T>;
}

const timeoutMs = 15_000;

/** @throws RangeError where the request is wrong: the caller's doing; Error where the service or the token is. */
export function apiClient({ url, token }: { url: string; token: string }): ApiClient {
  const base = url.replace(/\/+$/, '');
  if (!/^https?:$/.test(URL.parse(base)?.protocol ?? ''))
    throw new RangeError(`Cannot use --url "${url}": give the service's address, e.g. http://127.0.0.1:9002.`);

  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json',
    };
    let answer: Response;
    try {
      answer = await fetch(`${base}${path}`, { ...init, headers });
    } catch (cause) {
      const { code, message } = ((cause as Error).cause ?? cause) as { code?: string; message: string };
      const found = code ?? ((cause as Error).name === 'TimeoutError' ? `no answer in ${timeoutMs / 1000} s` : message);
      throw new Error(
        `Cannot reach the escalation service at ${base}: ${found}. Start it with "npm run up", or give --url.`,
        { cause },
      );
    }
    if (answer.ok) return answer;
    const text = await answer.text();
    const said =
      errorIn(text) ?? `Cannot ask ${base}${path}: it answers ${answer.status}. Is that the escalation service?`;
    if (answer.status === 401)
      throw new Error(`Cannot ask the escalation service at ${base}: it does not know the token. Give --token-file.`);
    throw answer.status === 400 ? new RangeError(said) : new Error(said);
  }

  return {
    url: base,
    get: async <T>(path: string) => (await ask(path, { signal: AbortSignal.timeout(timeoutMs) })).json() as Promise<T>,
    post: async <T>(path: string, body: object) =>
      (
        await ask(path, { method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(timeoutMs) })
      ).json() as Promise<T>,
    async *lines<T>(path: string) {
      // However long it is: each line is a sign of life.
      const { body } = await ask(path);
      if (!body) return;
      for await (const line of createInterface({ input: Readable.fromWeb(body as never) })) {
        if (line !== '') yield JSON.parse(line) as T;
      }
    },
  };
}

function errorIn(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
