/** One environment variable: what it may hold, and what it means when it is unset, empty or invalid. */
export interface Setting<T> {
  unset: T;
  /** Undefined when the text is not acceptable. */
  parse(text: string): T | undefined;
  /** Completes the sentence "<value> is not …". */
  expects: string;
  /** One line for the table in README.md. */
  says: string;
  /** Its value may be a password: warnings do not repeat it. */
  secret?: true;
  /** `OTEL_EXPORTER_OTLP_<SIGNAL>_…` overrides `OTEL_EXPORTER_OTLP_…`. */
  perSignal?: true;
}

// Node clamps a longer timer to 1 ms and says so on the host's stderr.
const longestTimerMs = 2_147_483_647;

export function wholeNumber(unset: number, lowest: number, says: string): Setting<number> {
  return {
    unset,
    says,
    expects: `a whole number from ${lowest} to ${longestTimerMs}`,
    parse: (text) => within(/^\d+$/.test(text) ? Number(text) : Number.NaN, lowest, longestTimerMs),
  };
}

export function fraction(unset: number, says: string): Setting<number> {
  return { unset, says, expects: 'a number from 0 to 1', parse: (text) => within(Number(text), 0, 1) };
}

export function port(unset: number, says: string): Setting<number> {
  const parse = (text: string) => within(/^\d+$/.test(text) ? Number(text) : Number.NaN, 1, 65_535);
  return { unset, says, expects: 'a port from 1 to 65535', parse };
}

export function flag(unset: boolean, says: string): Setting<boolean> {
  const values = new Map([
    ['true', true],
    ['false', false],
  ]);
  return { unset, says, expects: 'true or false', parse: (text) => values.get(text.toLowerCase()) };
}

export function choice<const T extends string>(unset: T, among: readonly T[], says: string): Setting<T> {
  const parse = (text: string) => among.find((known) => known === text.toLowerCase());
  return { unset, says, expects: `one of ${among.join(', ')}`, parse };
}

/** A comma list; `none` in it empties it. */
export function choices<const T extends string>(
  unset: readonly T[],
  among: readonly T[],
  says: string,
): Setting<readonly T[]> {
  const parse = (text: string) => {
    const words = commaList(text);
    if (words.includes('none')) return words.length === 1 ? [] : undefined;
    return words.every((word): word is T => among.includes(word as T)) ? words : undefined;
  };
  return { unset, says, expects: `a comma list of ${among.join(', ')}, or none`, parse };
}

export function names(says: string): Setting<readonly string[]> {
  return { unset: [], says, expects: 'a comma list of names', parse: commaList };
}

export function text(unset: string, says: string): Setting<string> {
  return { unset, says, expects: 'text', parse: (value) => value };
}

/** An address with or without scheme; the path is cut off, as gRPC has none. */
export function endpoint(unset: string, says: string): Setting<string> {
  const expects = 'an address such as http://localhost:4317';
  return { unset, says, expects, parse: hostAndPort, perSignal: true };
}

/** `key=value,key=value`, percent-encoded, lower-case keys, as gRPC metadata wants them. */
export function headers(says: string): Setting<Record<string, string>> {
  const parse = (value: string) => {
    const pairs = keyValueList(value);
    // What gRPC metadata can carry; a key in `-bin` would have to be binary.
    const sound = pairs?.every(([key, held]) => /^[\w.-]+(?<!-bin)$/i.test(key) && /^[\x20-\x7e]*$/.test(held));
    return sound ? Object.fromEntries(pairs?.map(([key, held]) => [key.toLowerCase(), held]) ?? []) : undefined;
  };
  return { unset: {}, says, expects: 'a list such as key=value,key2=value2', parse, secret: true, perSignal: true };
}

export function attributes(says: string): Setting<Record<string, string>> {
  const parse = (value: string) => {
    const pairs = keyValueList(value);
    return pairs && Object.fromEntries(pairs);
  };
  return { unset: {}, says, expects: 'a list such as key=value,key2=value2 (percent-encoded)', parse };
}

export function perSignal<const T>(setting: Setting<T>): Setting<T> {
  return { ...setting, perSignal: true };
}

function within(number: number, lowest: number, highest: number): number | undefined {
  return number >= lowest && number <= highest ? number : undefined;
}

/** `a, b,` as `['a', 'b']`. */
export function commaList(value: string): string[] {
  return value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function hostAndPort(value: string): string | undefined {
  if (value.startsWith('unix:')) return value;
  const hasScheme = value.includes('://');
  const address = hasScheme ? value : `http://${value}`;
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined;
  const { protocol, host } = new URL(address);
  return hasScheme ? `${protocol}//${host}` : host;
}

// The specification: one pair that cannot be read voids the whole variable.
function keyValueList(value: string): [string, string][] | undefined {
  try {
    return commaList(value).map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new Error(`no key in ${pair}`);
      return [decodeURIComponent(pair.slice(0, at).trim()), decodeURIComponent(pair.slice(at + 1).trim())];
    });
  } catch {
    return undefined;
  }
}
