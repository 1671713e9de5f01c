/**
 * A text of somebody else, as long as a page has room for: at most so many UTF-16 units with the `…` that says so, and never half of a character, which
 * no file can hold.
 */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/\p{Surrogate}$/u, '')}…`;
}
