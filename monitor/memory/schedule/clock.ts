/**
 * What time it is, and since when anything was measured. Two clocks have a say, ours and that of Prometheus: one that is ahead closes nothing
 * early. Without an answer it stays when it was heard last, and nothing is closed meanwhile, which nobody could read anyway.
 */
import * as v from 'valibot';
import { retentionDays } from '../../../stack.ts';
import type { PrometheusSource } from '../collect/prometheus.ts';

export interface Times {
  /** ms since 1970: by the clock that is behind. */
  readonly nowMs: number;
  /** By the one that is ahead: what is later than this is still to come. Default: `nowMs`. */
  readonly latestMs?: number;
  /** Of the oldest scrape that Prometheus has of itself. */
  readonly sinceMs: number;
}

export class Clock {
  readonly #source: PrometheusSource;
  readonly #now: () => number;
  #heard: Pick<Times, 'nowMs' | 'sinceMs'> | undefined;
  /** Of the oldest scrape, seconds since 1970. */
  #since: number | undefined;

  constructor(source: PrometheusSource, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  /** @throws Error where Prometheus has never answered yet */
  async read(): Promise<Times> {
    const failed = await this.#hear().catch((error: Error) => error);
    if (!this.#heard) throw failed;
    const [theirs, ours] = [this.#heard.nowMs, this.#now()];
    return { ...this.#heard, nowMs: Math.min(theirs, ours), latestMs: Math.max(theirs, ours) };
  }

  async #hear(): Promise<Error | undefined> {
    const theirs = await this.#ask('vector(time())');
    if (theirs === undefined)
      throw new Error(`Cannot read the time of Prometheus at ${this.#source.url}: it has none.`);
    // What has been measured does not become older while we look.
    this.#since ??= await this.#ask(firstScrape, Math.min(theirs, this.#now() / 1000));
    this.#heard = { nowMs: 1000 * theirs, sinceMs: 1000 * (this.#since ?? theirs) };
    return undefined;
  }

  /** @param at seconds since 1970. Default: now, by the clock of who is asked */
  async #ask(query: string, at?: number): Promise<number | undefined> {
    const { url, timeoutMs = 60_000, fetch: ask = fetch } = this.#source;
    const body = new URLSearchParams({ query, dedup: 'true', partial_response: 'false' });
    if (at !== undefined) body.set('time', String(at));
    const cannot = (seen: string, cause?: unknown) =>
      new Error(`Cannot ask Prometheus at ${url} what time it is: ${seen}. Look at "npm run status".`, { cause });
    const answer = await ask(`${url}/api/v1/query`, {
      ...{ method: 'POST', body, signal: AbortSignal.timeout(timeoutMs) },
    }).catch((cause: Error) => {
      throw cannot(`no answer (${((cause.cause as Error | undefined) ?? cause).message})`, cause);
    });
    const said = v.safeParse(vector, await answer.json().catch(() => undefined));
    if (!said.success) throw cannot(`it answers ${answer.status}`);
    const [first] = said.output.data.result;
    return first && Number(first.value[1]);
  }
}

/** A look each hour: where it begins, nobody needs to know better. */
const firstScrape = `min(min_over_time(timestamp(up{job="prometheus"})[${retentionDays.metrics}d:1h]))`;

const vector = v.object({
  data: v.object({ result: v.array(v.object({ value: v.tuple([v.number(), v.string()]) })) }),
});
