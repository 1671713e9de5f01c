/** Literals that stand for Grafana's macros while a query is checked or tried. A minute is $__rate_interval at a scrape every 15 s. */
const literals: Record<string, string> = {
  __rate_interval: '1m',
  __interval: '15s',
  __interval_ms: '15000',
  __range: '1h',
  __range_s: '3600',
  __range_ms: '3600000',
};

const quotedOrVariable = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|(?:\[|:|\boffset )?\s*\$\{?(\w+)(?::\w+)?\}?/g;
const variable = /\$\{?\w+(?::\w+)?\}?/g;

/**
 * A dashboard's query with Grafana's macros and variables replaced by literals of the same type: what remains is plain
 * PromQL. A variable in quotes becomes the pattern that matches everything, one that is a duration 1m, any other 1.
 */
export function withoutMacros(text: string): string {
  return text.replace(quotedOrVariable, (found: string, name: string | undefined) => {
    if (name === undefined) return found.replace(variable, '.*');
    const before = found.slice(0, found.indexOf('$'));
    return before + (literals[name] ?? (before.trim() === '' ? '1' : '1m'));
  });
}
