/** What a caller gave, checked before anything is written. */

/** An instant: a `Date`, milliseconds since 1970, or ISO 8601 with its zone. */
export type Instant = Date | number | string;

/** Longer texts are cut: an error's message may be a whole log. */
const longestText = 10_000;
const longestId = 500;

/** Reads the parameters of one call. Each reading throws an Error that names call, parameter, value and remedy. */
export class GivenCall {
  readonly #call: string;
  readonly #given: Readonly<Record<string, unknown>>;

  /** @param call what it is to do, e.g. `start the orchestration`. */
  constructor(call: string, given: object) {
    this.#call = call;
    if (typeof given !== 'object' || given === null)
      throw this.refusal(`its parameters are ${shown(given)}`, 'Give an object.');
    this.#given = given as Readonly<Record<string, unknown>>;
  }

  /** What names a session. Half a character, as a cut text may end with, is kept by no database: it is U+FFFD from here on. */
  id(name: string): string {
    const value = this.#given[name];
    if (typeof value === 'string' && value.trim() !== '' && value.length <= longestId) return value.toWellFormed();
    throw this.#wrong(name, `a text of 1 to ${longestId} characters`);
  }

  /** Null: not given. */
  text(name: string): string | null {
    const value = this.#given[name] ?? null;
    if (value === null) return null;
    if (typeof value === 'string') return cut(value).toWellFormed();
    throw this.#wrong(name, 'a text, or leave it out');
  }

  count(name: string): number | null {
    const value = this.#given[name] ?? null;
    if (value === null || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)) return value;
    throw this.#wrong(name, 'a whole number from 0, or leave it out');
  }

  flag(name: string): boolean | null {
    const value = this.#given[name] ?? null;
    if (value === null || typeof value === 'boolean') return value;
    throw this.#wrong(name, 'true or false, or leave it out');
  }

  oneOf<const Value extends string>(name: string, values: readonly Value[]): Value {
    const found = values.find((value) => value === this.#given[name]);
    if (found === undefined) throw this.#wrong(name, `one of ${values.join(', ')}`);
    return found;
  }

  /** Milliseconds since 1970; undefined: not given. */
  instant(name: string): number | undefined {
    const value = this.#given[name] ?? undefined;
    if (value === undefined) return undefined;
    const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? ofText(value) : value;
    if (typeof ms === 'number' && ms >= 0 && ms <= lastMs) return Math.trunc(ms);
    throw this.#wrong(name, 'a Date, milliseconds since 1970, or a text such as 2026-11-26T09:00:00Z');
  }

  refusal(seen: string, remedy: string): Error {
    return new Error(`Cannot ${this.#call}: ${seen}. ${remedy}`);
  }

  #wrong(name: string, allowed: string): Error {
    return this.refusal(`${name} is ${shown(this.#given[name])}`, `Give ${allowed}.`);
  }
}

/** The end of the year 9999: beyond, ISO 8601 has other digits. */
const lastMs = 253_402_300_799_999;

/** Between characters: some are two units long. */
function cut(text: string): string {
  return text.length > longestText ? text.slice(0, longestText).replace(/[\ud800-\udbff]$/, '') : text;
}

/** Without its zone a text means another instant on each machine. */
function ofText(text: string): number {
  return /(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`;
  return typeof value === 'object' && value !== null
    ? `an object (${value.constructor?.name ?? 'no class'})`
    : String(value);
}
