import { javascript, mask, secretNames, secretShapes } from './secrets.ts';

/**
 * What any secret holds: seen in one look, so that other text costs a few ns per character. Two patterns, because V8 looks
 * for short alternatives several characters at a time. A test holds them against every shape.
 */
const tokenHint =
  /KIA|SIA|gh[pousr]_|pat[_-]|pm_|hf_|sk-|live_|test_|sec_|xox|xapp|slack|AIza|a29|\.eyJ|-----BEG|:\/\/[^/\s]*@/;
const wordHint = /(?:pass|secret|key|token|auth|cookie|jwt|pwd|sig)\w{0,12}\\*["']?\s*[:=]|bearer|basic|--[a-z]/i;

const patterns = secretShapes.map(javascript);
const namePatterns = secretNames.map(javascript);
const replacement = `$1${mask}$2`;

/** What is known of an attribute name. `clean` is its last value without a secret: most repeat, as a method or a host does. */
interface Known {
  secret: boolean;
  clean?: string;
}

// Bounded, should a program make up names, or log novels.
const mostNames = 2000;
const longestClean = 256;
const knownNames = new Map<string, Known>();

// A structure beyond this is masked rather than walked: it may be circular.
const deepest = 32;
const mostNodes = 2000;

/** The text with every known shape of secret masked; the same string where there is none. Linear in its length. */
export function redactText(text: string): string {
  try {
    if (!tokenHint.test(text) && !wordHint.test(text)) return text;
    return patterns.reduce((rest, pattern) => rest.replace(pattern, replacement), text);
  } catch {
    // A text of many MB can exhaust the stack of the pattern matcher.
    return mask;
  }
}

/**
 * Masks by name and by shape, within lists and objects too. The same object where there is nothing to mask, else a copy.
 * Never throws: what cannot be read is left out.
 */
export function redactAttributes<T extends object>(attributes: T): T {
  try {
    return redactFields(attributes as Record<string, unknown>, { nodes: mostNodes }, deepest) as T;
  } catch {
    return {} as T;
  }
}

/** The same for what has no name, such as the body of a log record. Never throws: what cannot be read is masked. */
export function redactValue(value: unknown): unknown {
  try {
    return redactAny(value, { nodes: mostNodes }, deepest);
  } catch {
    return mask;
  }
}

function redactAny(value: unknown, left: { nodes: number }, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (depth === 0 || left.nodes === 0) return mask;
  left.nodes -= 1;
  if (!Array.isArray(value)) return redactFields(value as Record<string, unknown>, left, depth);
  let copy: unknown[] | undefined;
  for (let at = 0; at < value.length; at++) {
    const safe = redactAny(value[at], left, depth - 1);
    if (safe === value[at]) continue;
    copy ??= [...value];
    copy[at] = safe;
  }
  return copy ?? value;
}

function redactFields(fields: Record<string, unknown>, left: { nodes: number }, depth: number): object {
  let copy: Record<string, unknown> | undefined;
  for (const name in fields) {
    const value = fields[name];
    const known = knownNames.get(name) ?? learn(name);
    if (value === known.clean) continue;
    const safe = known.secret ? masked(value) : redactAny(value, left, depth - 1);
    if (safe === value) {
      if (typeof value === 'string' && value.length <= longestClean) known.clean = value;
      continue;
    }
    copy ??= { ...fields };
    copy[name] = safe;
  }
  return copy ?? fields;
}

function masked(value: unknown): unknown {
  return value === undefined || value === null || typeof value === 'boolean' ? value : mask;
}

function learn(name: string): Known {
  if (knownNames.size >= mostNames) knownNames.clear();
  // `clientSecret` as `client_Secret`.
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
  const known = { secret: namePatterns.some((pattern) => words.search(pattern) >= 0) };
  knownNames.set(name, known);
  return known;
}
