/** Puts values in the place of a query's variables and macros, as Grafana does before it asks a data source. */
import type { TimeRange } from './time.ts';

export type Language = 'prometheus' | 'loki' | 'tempo';

/** What is chosen for a variable: `all` is its pattern for all, or each of its values where it has none. */
export interface Choice {
  values: readonly string[];
  all: boolean;
  /** Several may be chosen, so that queries compare with a pattern. */
  multi: boolean;
  allValue: string | undefined;
}

export type Choices = Readonly<Record<string, Choice>>;

interface Moment {
  range: TimeRange;
  /** In ms. */
  step: number;
  /** Of the data source: what `$__rate_interval` is four times of at least, in ms. */
  scrape: number;
}

/** `$name`, `${name}`, `${name:format}`. */
const named = /\$(?:(\w+)|\{(\w+)(?::([^}]+))?\})/g;

/** @throws Error for a variable that is not offered, and for a format that queries have no use for. */
export function interpolate(text: string, language: Language, choices: Choices, moment: Moment): string {
  return text.replace(named, (found: string, bare: string | undefined, braced: string | undefined, format?: string) => {
    const name = (bare ?? braced) as string;
    // A capture of a regular expression.
    if (/^\d+$/.test(name)) return found;
    const macro = macros(moment, format)[name];
    if (macro !== undefined) return macro;
    const choice = choices[name];
    if (!choice) throw new Error(`it names $${name}, which its dashboard does not offer`);
    return chosen(choice, language, format);
  });
}

function macros({ range: { from, to }, step, scrape }: Moment, format: string | undefined): Record<string, string> {
  const at = (ms: number) => {
    if (format === undefined) return String(ms);
    return format === 'date:seconds' ? String(Math.floor(ms / 1000)) : new Date(ms).toISOString();
  };
  const rangeSeconds = Math.round((to - from) / 1000);
  return {
    __interval: duration(step),
    __interval_ms: String(step),
    __auto: duration(step),
    __rate_interval: duration(Math.max(step + scrape, 4 * scrape)),
    __range: `${rangeSeconds}s`,
    __range_s: String(rangeSeconds),
    __range_ms: String(to - from),
    __from: at(from),
    __to: at(to),
  };
}

/** `15s`, `1m30s` is `90s`, `500ms`. */
function duration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function chosen({ values, all, multi, allValue }: Choice, language: Language, format: string | undefined): string {
  if (all && allValue !== undefined) return allValue;
  switch (format ?? (language === 'tempo' ? 'pipe' : 'query')) {
    case 'query': {
      if (!multi) return (values[0] ?? '').replaceAll('\\', '\\\\');
      const escaped = values.map((value) =>
        value.replaceAll('\\', String.raw`\\\\`).replaceAll(/[$^*{}[\]+?.()|]/g, '\\\\$&'),
      );
      return escaped.length > 1 && language === 'prometheus' ? `(${escaped.join('|')})` : escaped.join('|');
    }
    case 'regex': {
      const escaped = values.map((value) => value.replaceAll(/[/\\^$*+?.()|[\]{}]/g, '\\$&'));
      return escaped.length > 1 ? `(${escaped.join('|')})` : escaped.join('|');
    }
    case 'pipe':
      return values.join('|');
    case 'raw':
    case 'csv':
    case 'text':
      return values.join(',');
    default:
      throw new Error(`it has a variable in the format ":${format}". Queries need :regex, :pipe or none`);
  }
}
