/** Asks the escalation service, as whoever has the token of its API. */
import * as v from 'valibot';

export interface EscalationApi {
  readonly url: string;
  /** @throws Error where there is none. */
  readonly token: () => string | Promise<string>;
  /** For one question, ms. */
  readonly timeoutMs: number;
  /** Left out: Node's own. */
  readonly fetch?: typeof fetch;
}

/** Incidents that are listed at a time: the service gives no more. */
export const pageRows = 1000;

/** Reads an answer by a schema of what is wanted of it; the service's own is /openapi.json. */
export type Get = <Schema extends v.GenericSchema>(path: string, schema: Schema) => Promise<v.InferOutput<Schema>>;

/** The token is read once, before the first question. */
export async function escalationApi({ url, token, timeoutMs, fetch: ask = fetch }: EscalationApi): Promise<Get> {
  const authorization = `Bearer ${await token()}`;
  return async (path, schema) => {
    const answer = await ask(`${url}${path}`, {
      headers: { authorization, accept: 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause) => {
      throw new Error(`Cannot reach the escalation service at ${url}. Look at "npm run status".`, { cause });
    });
    if (!answer.ok) throw new Error(`Cannot ask ${url}${path}: it answers ${answer.status}. Look at its log.`);
    return v.parse(schema, await answer.json());
  };
}
