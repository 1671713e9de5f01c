/** Literals that stand for Grafana's macros while a query is checked or tried. $__rate_interval is four pushes of a service. */
const literals: Record<string, string> = {
  __auto: '1m',
  __rate_interval: '4m',
  __interval: '1m',
  __interval_ms: '60000',
  __range: '1h',
  __range_s: '3600',
  __range_ms: '3600000',
};

// A word behind a colon belongs to a name in braces alone: `[$__range:1m]` is a subquery.
const quotedOrVariable =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|(?:\[|:|\boffset )?\s*\$\{?(\w+)(?:(?<=\{\w+):\w+)?\}?/g;
const variable = /\$\{?(\w+)(?:(?<=\{\w+):\w+)?\}?/g;

/**
 * A dashboard's query with Grafana's macros and variables replaced by literals of the same type: what remains is plain
 * PromQL, LogQL or TraceQL. A variable in quotes becomes what was chosen for it, or else the pattern that matches
 * everything; one that is a duration 1m, any other 1.
 */
export function withoutMacros(text: string, chosen: Readonly<Record<string, string>> = {}): string {
  return text.replace(quotedOrVariable, (found: string, name: string | undefined) => {
    if (name === undefined) return found.replace(variable, (macro, word) => quoted(macro, word, chosen));
    const before = found.slice(0, found.indexOf('$'));
    return before + (chosen[name] ?? literals[name] ?? (before.trim() === '' ? '1' : '1m'));
  });
}

/** The variables of a dashboard that a query names; Grafana's own begin with two underscores, a capture is a number. */
export function variablesIn(text: string): string[] {
  const names = [...text.matchAll(variable)].map(([, name]) => name as string);
  return [...new Set(names)].filter((name) => !/^(__|\d)/.test(name));
}

/** `$1` in a quoted replacement is a capture, not a variable. */
function quoted(macro: string, name: string, chosen: Readonly<Record<string, string>>): string {
  if (/^\d/.test(name)) return macro;
  return chosen[name] ?? '.*';
}
