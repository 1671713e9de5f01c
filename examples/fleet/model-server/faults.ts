import * as v from 'valibot';
import type { Model } from './models.ts';
import type { Random } from './random.ts';
import type { Limit } from './rate-limit.ts';

const only = { provider: v.optional(v.picklist(['openai', 'anthropic'])), model: v.optional(v.string()) };
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Everything a fault may be; the HTTP edge checks bodies with it. */
export const faultSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('errors'),
    ...only,
    share,
    status: v.optional(v.picklist([429, 500, 503, 529])),
  }),
  v.strictObject({ kind: v.literal('slow'), ...only, factor: v.pipe(v.number(), v.gtValue(0)) }),
  v.strictObject({ kind: v.literal('rateLimit'), ...only, perMinute: count, tokensPerMinute: v.optional(count) }),
  v.strictObject({ kind: v.literal('costSpike'), ...only, factor: count }),
  v.strictObject({ kind: v.literal('reset'), ...only, share }),
  v.strictObject({ kind: v.literal('none') }),
]);

/**
 * A trouble to simulate, of all models or `only` those of a provider or one by its id.
 * - `errors`: that share of calls fails; without `status` with 500 or 503 (OpenAI), 500 or 529 (Anthropic).
 * - `slow`: all waits times `factor`; nothing at a speed of `Infinity`, where there are none.
 * - `rateLimit`: calls (and tokens) a model takes in a minute of the clock, beginning now.
 * - `costSpike`: every number of the usage times `factor`; the text stays as it is.
 * - `reset`: that share of connections is reset: a stream in its middle, another call before its answer.
 * - `none`: ends all faults.
 */
export type Fault = v.InferOutput<typeof faultSchema>;

type Active<K extends Fault['kind'] = Exclude<Fault['kind'], 'none'>> = Extract<Fault, { kind: K }>;

/** What happens to one call. */
export interface Trouble {
  /** It fails with this HTTP status. */
  status?: number;
  /** Its connection is reset when this share of the answer is out: above 0, below 1. */
  resetAt?: number;
  slowness: number;
  costFactor: number;
}

/** The faults in force: one of each kind for each scope; a new one replaces the old. */
export class Faults {
  #active: Active[] = [];

  set(fault: Fault): void {
    if (fault.kind === 'none') this.#active = [];
    else this.#active = [...this.#active.filter((other) => scopeOf(other) !== scopeOf(fault)), fault];
  }

  list(): Active[] {
    return [...this.#active];
  }

  /** What a fault has lowered. */
  limitOf(model: Model): Partial<Limit> {
    const { perMinute, tokensPerMinute } = this.#find('rateLimit', model) ?? {};
    return { ...(perMinute && { requests: perMinute }), ...(tokensPerMinute && { tokens: tokensPerMinute }) };
  }

  /** Draws the same number of times whatever is in force, so that a fault does not change the answers around it. */
  troubleOf(model: Model, random: Random): Trouble {
    const [errorDraw, statusDraw, resetDraw, resetAt] = [random.next(), random.next(), random.next(), random.next()];
    const errors = this.#find('errors', model);
    const reset = this.#find('reset', model);
    const overloaded = model.provider === 'openai' ? 503 : 529;
    return {
      ...(errors && errorDraw < errors.share && { status: errors.status ?? (statusDraw < 0.5 ? 500 : overloaded) }),
      ...(reset && resetDraw < reset.share && { resetAt: 0.1 + 0.8 * resetAt }),
      slowness: this.#find('slow', model)?.factor ?? 1,
      costFactor: this.#find('costSpike', model)?.factor ?? 1,
    };
  }

  /** The newest that covers the model. */
  #find<K extends Active['kind']>(kind: K, model: Model): Active<K> | undefined {
    return this.#active.findLast(
      (fault): fault is Active<K> =>
        fault.kind === kind &&
        (fault.provider ?? model.provider) === model.provider &&
        (fault.model ?? model.id) === model.id,
    );
  }
}

function scopeOf({ kind, provider, model }: Active): string {
  return [kind, provider, model].join();
}
