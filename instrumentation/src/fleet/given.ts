import { types } from 'node:util';

/**
 * Options as a caller passed them, such that reading them cannot throw: from JavaScript they may be anything. What is as
 * its type says comes back as it is, of anything else the part that can be read.
 */
export function given<O extends object>(options: O): O {
  return isPlain(options) ? options : (new Proxy({}, { get: (_, name) => read(options, name) }) as O);
}

/** Any value as text. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'unreadable';
  }
}

/** An object literal of texts, numbers and switches, lists of them, or objects of these. */
function isPlain(value: unknown, depth = 1): boolean {
  try {
    if (types.isProxy(value) || Object.getPrototypeOf(value) !== Object.prototype) return false;
    for (const name of Reflect.ownKeys(value as object)) {
      // What would be asked for when it is taken for a text or a number.
      if (name === 'toString' || name === 'valueOf' || name === Symbol.toPrimitive) return false;
      const part = (value as Record<PropertyKey, unknown>)[name];
      if (isScalar(part)) continue;
      if (Array.isArray(part) ? !part.every(isScalar) : depth === 0 || !isPlain(part, depth - 1)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function isScalar(value: unknown): boolean {
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' || type === 'undefined';
}

function read(options: unknown, name: PropertyKey): unknown {
  if (name === 'toString') return () => 'unreadable';
  try {
    return tame((options as Record<PropertyKey, unknown> | undefined)?.[name]);
  } catch {
    return undefined;
  }
}

function tame(value: unknown): unknown {
  if (isScalar(value)) return value;
  if (value === null || typeof value === 'function') return undefined;
  if (typeof value !== 'object') return textOf(value);
  return Array.isArray(value) ? value.map((part) => (isScalar(part) ? part : textOf(part))) : given(value);
}
