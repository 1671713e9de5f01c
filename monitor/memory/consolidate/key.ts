/** Keys of findings, made of names that anybody may have given to anything. */

/**
 * Plain names stand as they are. What separates the parts of a key is written `%2F` and the like inside a name: otherwise `a/b` at `c` would be
 * `a` at `b/c`, and a store that is given one key twice takes nothing of the week. Null: `-`.
 */
export function keyPart(name: string | null): string {
  if (name === null) return '-';
  return name.replace(/[%/+]|^-$|-(?=instead-of(?:-|$))/g, (one) => escapes[one] as string);
}

const escapes: Readonly<Record<string, string>> = { '%': '%25', '/': '%2F', '+': '%2B', '-': '%2D' };

export function keyOf(...parts: readonly (string | null)[]): string {
  return parts.map(keyPart).join('/');
}

/** One way rather than another; both with their parts escaped. */
export function insteadOf(one: string, other: string): string {
  return `${one}-instead-of-${other}`;
}
