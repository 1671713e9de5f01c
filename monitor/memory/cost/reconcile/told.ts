/** What a provider's export tells, whatever its shape: tokens or money of a model on a day. */

/** Each token under one kind, so that their sum is what was read and written. Reasoning is output: few exports tell it apart. */
export interface Tokens {
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write: number;
  readonly output: number;
}

export const tokenKinds = ['input', 'cache_read', 'cache_write', 'output'] as const satisfies readonly (keyof Tokens)[];

export interface Told {
  /** In the file, from 1. */
  readonly line: number;
  /** Of which report: each covers days of its own. */
  readonly of: 'usage' | 'cost';
  /** UTC. Without tokens and money: the report covers the day. */
  readonly date: string;
  /** As they write it. Null: the report was not asked to tell models apart. */
  readonly model: string | null;
  /** Absent: the export tells none. */
  readonly tokens?: Tokens;
  /** 10⁻¹² USD, as it was billed. */
  readonly picoUsd?: bigint;
  /** By so much the amount may have been rounded. */
  readonly roundedBy?: bigint;
  /** What was billed besides tokens, e.g. `web search tool calls`; its money is no model's. */
  readonly other?: string;
}

export type Provider = 'openai' | 'anthropic';

/** What is wrong with a value, before anybody knows where it stands. */
export class Unreadable extends Error {}

const picoDigits = 12;

/** Exact, down to 10⁻¹² of the unit; what is smaller is cut. `0.0600`, `-1.5`, `6e-7`. @throws Unreadable */
export function pico(text: string): bigint {
  const [, sign, whole = '', decimals = '', exponent = '0'] =
    /^(-?)(\d{1,15})(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text.trim()) ?? [];
  if (sign === undefined) throw new Unreadable('write a decimal number');
  const digits = `${whole}${decimals}`;
  const shift = picoDigits + Number(exponent) - decimals.length;
  const amount = shift >= 0 ? BigInt(digits) * 10n ** BigInt(shift) : BigInt(digits) / 10n ** BigInt(-shift);
  return sign === '-' ? -amount : amount;
}

/** Half of its last digit. */
export function roundingOf(text: string): bigint {
  const decimals = /\.(\d*)$/.exec(text.trim())?.[1]?.length ?? 0;
  return 10n ** BigInt(Math.max(0, picoDigits - decimals)) / 2n;
}

/** @throws Unreadable */
export function dayOf(ms: number): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) throw new Unreadable('write a time');
  return new Date(ms).toISOString().slice(0, 10);
}

/** A bucket that is not of one UTC day cannot be laid beside one of ours. @throws Unreadable */
export function dayBetween(beginMs: number, endMs: number): string {
  const day = dayOf(beginMs);
  if (!(endMs > beginMs) || dayOf(endMs - 1) !== day)
    throw new Unreadable('ask for buckets of a UTC day or less (bucket_width=1d)');
  return day;
}
