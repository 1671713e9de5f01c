/**
 * What time it is, and since when anything was measured. Two clocks have a say, ours and that of Prometheus: one that is ahead closes nothing
 * early. Without an answer it stays when it was heard last, and nothing is closed meanwhile, which nobody could read anyway.
 */
import * as v from 'valibot';
import { retentionDays } from '../../../stack.ts';
import type { PrometheusSource } from '../collect/prometheus.ts';

const dayMs = 86_400_000;

/** How far back what is measured is there whole: of the last day of a retention a part is gone already. */
export const keptMs = (retentionDays.metrics - 1) * dayMs;

export interface Times {
  /** ms since 1970. */
  readonly nowMs: number;
  /** Of the oldest scrape that Prometheus has of itself. */
  readonly sinceMs: number;
}

export class Clock {
  readonly #source: PrometheusSource;
  readonly #now: () => number;
  #heard: Times | undefined;

  constructor(source: PrometheusSource, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  /** @throws Error where Prometheus has never answered yet */
  async read(): Promise<Times> {
    const failed = await this.#hear().catch((error: Error) => error);
    if (!this.#heard) throw failed;
    return { ...this.#heard, nowMs: Math.min(this.#heard.nowMs, this.#now()) };
  }

  async #hear(): Promise<Error | undefined> {
    const theirs = await this.#ask('vector(time())');
    if (theirs === undefined)
      throw new Error(`Cannot read the time of Prometheus at ${this.#source.url}: it has none.`);
    // What has been measured does not become older while we look.
    const oldest = this.#heard?.sinceMs ?? (await this.#ask(firstScrape)) ?? theirs;
    this.#heard = { nowMs: 1000 * theirs, sinceMs: this.#heard ? oldest : 1000 * oldest };
    return undefined;
  }

  async #ask(query: string): Promise<number | undefined> {
    const { url, timeoutMs = 60_000, fetch: ask = fetch } = this.#source;
    const body = new URLSearchParams({ query, dedup: 'true', partial_response: 'false' });
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
