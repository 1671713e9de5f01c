/** A call of a model as the ledger keeps it, as what the price table asks for. (B05) */
import type { Usage } from '../../../instrumentation/src/cost/usage.ts';
import type { Step } from '../../ledger/record.ts';

export interface Call {
  readonly date: string;
  readonly at: Date;
  readonly provider: string | undefined;
  readonly model: string;
  readonly tier: string | undefined;
  readonly input: number;
  readonly output: number;
  /** Undefined: the row is of a time when the ledger did not keep what of its input was cached. */
  readonly cached: Pick<Usage, 'cacheRead' | 'cacheWrite' | 'cacheWrite1h'> | undefined;
  /** Whole. Null: it had no price. */
  readonly nanoUsd: number | null;
  /** It had tokens, and no price. */
  readonly isUnpriced: boolean;
}

/** Undefined: it is no call of a model. */
export function callOf(step: Step): Call | undefined {
  if (step.kind !== 'model') return undefined;
  const { details, cost_micro_usd } = step;
  return {
    ...{ date: step.started_at.slice(0, 10), at: new Date(step.started_at) },
    ...{ provider: text(details.provider), model: step.name, tier: text(details.service_tier) },
    ...{ input: step.input_tokens, output: step.output_tokens, cached: cachedOf(step) },
    nanoUsd: cost_micro_usd === null ? null : Math.round(cost_micro_usd * 1000),
    isUnpriced: step.unpriced_calls > 0,
  };
}

/** Tokens as the price table counts them. Undefined: it is not known. */
export function usageOf({ input, output, cached }: Call): Usage | undefined {
  return cached && { input, output, ...cached };
}

function cachedOf({ details }: Step): Call['cached'] {
  const [cacheRead, cacheWrite] = [details.cache_read_tokens, details.cache_write_tokens];
  if (typeof cacheRead !== 'number' || typeof cacheWrite !== 'number') return undefined;
  const hour = details.cache_write_1h_tokens;
  return { cacheRead, cacheWrite, ...(typeof hour === 'number' && { cacheWrite1h: hour }) };
}

function text(detail: Step['details'][string] | undefined): string | undefined {
  return typeof detail === 'string' && detail !== '' ? detail : undefined;
}
