/** The few forms of statement (OTTL) that the conventions are written in; each works on a span's attributes. */

/** Runs its statements on spans for which any of the conditions holds; all others pay for the conditions alone. */
export function group(conditions: string[], statements: string[]) {
  return { context: 'span', conditions, statements };
}

/** Sets an attribute that is not there yet: what is already canonical is never overwritten. A missing value sets nothing. */
export function fill(key: string, value: string, where?: string): string {
  return `set(${at(key)}, ${value}) where ${at(key)} == nil${where ? ` and ${where}` : ''}`;
}

/** One operation name, where a condition holds. */
export function operation(name: string, where: string): string {
  return fill('gen_ai.operation.name', `"${name}"`, where);
}

/** Operation names by the value of another attribute; a value that is not named here has no counterpart. */
export function operations(key: string, names: Record<string, string>): string[] {
  return Object.entries(names).map(([value, name]) => operation(name, `${at(key)} == "${value}"`));
}

/** Removes attributes; `ai.usage.*` means all below. */
export function forget(...keys: string[]): string {
  return `delete_matching_keys(span.attributes, ${pattern(keys)})`;
}

/**
 * A regular expression for whole names, `*` for anything, `#` for a number. Sorted, without groups and below 1000
 * instructions, it is one that Go's regexp walks without going back, in a sixth of the time. `$` is doubled: the Collector
 * expands single ones.
 */
export function pattern(names: string[]): string {
  const alternatives = names
    .toSorted()
    .map((name) => name.replaceAll('.', '\\\\.').replaceAll('*', '.+').replaceAll('#', '[0-9]+'));
  return `"^(?:${alternatives.join('|')})$$"`;
}

export function at(key: string): string {
  return `span.attributes["${key}"]`;
}

export function is(key: string): string {
  return `${at(key)} != nil`;
}

/** The first of some attributes that is there. */
export function first(...keys: string[]): string {
  return keys.length === 1 ? at(keys[0] as string) : `Coalesce([${keys.map(at).join(', ')}])`;
}

/** The same as a whole number, also from text and from floats. */
export function int(...keys: string[]): string {
  return `Int(${first(...keys)})`;
}
