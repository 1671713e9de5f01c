/** Where secrets are, never what they are: a policy names a variable or a file. What was read is known, and masked in every error. */
import { readFileSync, statSync } from 'node:fs';
import * as v from 'valibot';
import { redactText } from '../../instrumentation/src/redaction/redact.ts';

/**
 * `{ env: SLACK_WEBHOOK_URL }` or `{ file: /run/secrets/slack }`. Where the variable is not set, `SLACK_WEBHOOK_URL_FILE` may
 * name a file with it, as containers have secrets.
 */
export const secretRef = v.union(
  [
    v.strictObject({ env: v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*$/)) }),
    v.strictObject({ file: v.pipe(v.string(), v.nonEmpty()) }),
  ],
  'is no reference to a secret. Write { env: NAME_OF_A_VARIABLE } or { file: path }.',
);

export type SecretRef = v.InferOutput<typeof secretRef>;

/** A secret that is not there. The message names where it was looked for, and nothing else. */
export class SecretUnset extends Error {
  override readonly name = 'SecretUnset';
}

/** Files by path, as they were at their last change: who replaces one needs no restart. */
const files = new Map<string, { stamp: string; value: string }>();
/** Every text that must not leave, the longest first. */
let known: string[] = [];
const mostKnown = 1000;
/** Less than this is found in any sentence. */
const shortest = 6;

/** The secret as it is now. @throws SecretUnset where the variable or the file is missing or empty. */
export function readSecret(ref: SecretRef, env: NodeJS.ProcessEnv = process.env): string {
  const value = readReference(ref, env);
  remember(value);
  return value;
}

/** The same for what is no secret, such as an address to write to: errors may show it. */
export function readReference(ref: SecretRef, env: NodeJS.ProcessEnv = process.env): string {
  const named = 'env' in ref ? env[`${ref.env}_FILE`] : undefined;
  const text = 'file' in ref ? readFile(ref.file) : env[ref.env] || (named ? readFile(named) : '');
  const value = text.trim();
  if (value === '') throw new SecretUnset(`Set ${'env' in ref ? `the variable ${ref.env}` : `the file ${ref.file}`}.`);
  return value;
}

/** Whether there is one, without reading more than needed. */
export function isSet(ref: SecretRef, env: NodeJS.ProcessEnv = process.env): boolean {
  try {
    return readReference(ref, env) !== '';
  } catch {
    return false;
  }
}

/** The text without any secret that was ever read, without credentials in URLs, and without what looks like a secret. */
export function redact(text: string): string {
  return redactText(known.reduce((rest, secret) => rest.replaceAll(secret, '****'), text));
}

function readFile(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    const stamp = `${mtimeMs} ${size} ${ino}`;
    const cached = files.get(path);
    if (cached?.stamp === stamp) return cached.value;
    const value = readFileSync(path, 'utf8');
    files.set(path, { stamp, value });
    return value;
  } catch (error) {
    // Not there, or not ours to read: the file is named, and the reason with it.
    throw new SecretUnset(`Set the file ${path} (${(error as NodeJS.ErrnoException).code ?? 'unreadable'}).`);
  }
}

/** A URL is a secret by its path and its credentials: an error often shows one without the rest. */
function remember(value: string): void {
  if (known.includes(value)) return;
  const parts = URL.canParse(value) ? partsOf(new URL(value)) : [];
  const fresh = [value, ...parts].filter((text) => text.length >= shortest && !known.includes(text));
  known = [...fresh, ...known].slice(0, mostKnown).sort((a, b) => b.length - a.length);
}

function partsOf({ pathname, search, password }: URL): string[] {
  // A part as short as `services` is no secret; a token is longer.
  const tokens = pathname.split('/').filter((part) => part.length >= 16);
  return [pathname + search, pathname, ...tokens, password, decoded(password)];
}

/** A password with a bare `%` stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
