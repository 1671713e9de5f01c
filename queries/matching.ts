import { nearest } from './nearest.ts';

/**
 * Whether a comparison with a closed set of values can ever hold, and if not, what it should say.
 * `value` is the text between the quotes; one with a variable in it is left to whoever chooses.
 */
export function cannotMatch(operator: string, value: string, closed: ReadonlySet<string>): string | undefined {
  if (value === '' || value.includes('$')) return undefined;
  const names = operator.includes('~') ? alternatives(value) : [value];
  const wrong = names.find((name) => !possible(name, operator, closed));
  return wrong === undefined
    ? undefined
    : `"${wrong}" is none of its values. The nearest is "${nearest(wrong, closed)}"`;
}

function possible(name: string, operator: string, closed: ReadonlySet<string>): boolean {
  if (!operator.includes('~')) return closed.has(name);
  const pattern = new RegExp(`^(?:${name})$`);
  return name === '' || [...closed].some((value) => pattern.test(value));
}

/** `a|b` is two names; inside brackets a bar belongs to one. */
function alternatives(pattern: string): string[] {
  return /[()[\]]/.test(pattern) ? [pattern] : pattern.split('|');
}
