import type { SecretRef } from '../secret.ts';
import type { HttpHook } from './hook-config.ts';
import { fill } from './placeholders.ts';
import { type Given, keptCharacters, type Prepared } from './prepared.ts';

/** One request: a fixed method, host and headers; no redirect is followed. @throws Error where a place cannot be filled. */
export function httpHook(config: HttpHook, { key, parameters, secret }: Given): Prepared {
  const { method } = config;
  const url = urlOf(config, parameters, secret);
  const body = config.body === undefined ? undefined : JSON.stringify(filled(config.body, parameters));
  const headers = new Headers({
    accept: 'application/json',
    'user-agent': 'fleetscope-escalation',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    'idempotency-key': key,
  });
  for (const [name, value] of Object.entries(config.headers)) headers.set(name, headerOf(value, secret));
  return {
    description: `${method} ${url.shown}${body === undefined ? '' : ` with ${body}`}`,
    async start(signal) {
      const response = await fetch(url.href, { method, headers, signal, redirect: 'manual', ...(body && { body }) });
      const text = await beginningOf(response);
      const result = `${method} ${url.shown} answered ${response.status}${text && `: ${text}`}`;
      if (response.status < 300 || response.status >= 400) return { ok: response.ok, result };
      return { ok: false, result: `${result}. Redirects are not followed: name the right address in the policy.` };
    },
  };
}

type Secret = (ref: SecretRef) => string;

function urlOf({ url }: HttpHook, values: Given['parameters'], secret: Secret): { href: string; shown: string } {
  const dots = Object.values(values).some((value) => /^\.{1,2}$/.test(value));
  const base = typeof url === 'string' ? '' : secret(url.base).replace(/\/+$/, '');
  if (base && !/^https?:\/\/[^/?#\s]+/i.test(base))
    throw new Error('Cannot use the base of "url": it is no address of HTTP');
  const path = typeof url === 'string' ? url : url.path;
  const encoded = fill(path, values, encodeURIComponent);
  // `..` is no text in an address: it is a way out of the path.
  if (dots && encoded !== path) throw new Error('Cannot fill "url": "." and ".." are no names');
  const { href } = new URL(`${base}${encoded}`);
  const shown = typeof url === 'string' ? href : `${nameOf(url.base)}${encoded}`;
  return { href, shown };
}

function nameOf(ref: SecretRef): string {
  return `<${'env' in ref ? ref.env : ref.file}>`;
}

function headerOf(value: HttpHook['headers'][string], secret: Secret): string {
  if (typeof value === 'string') return value;
  return 'bearer' in value ? `Bearer ${secret(value.bearer)}` : secret(value);
}

/** Texts of a body, filled; its keys, numbers and structure are as the policy has them. */
function filled(part: NonNullable<HttpHook['body']> | null, values: Given['parameters']): unknown {
  if (typeof part === 'string') return fill(part, values);
  if (Array.isArray(part)) return part.map((item) => filled(item, values));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([name, item]) => [name, filled(item, values)]));
}

/** So much of an answer as is kept; the rest is not waited for. */
async function beginningOf(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    // Leaving the loop cancels the rest.
    if (text.length > keptCharacters) return `${text.slice(0, keptCharacters)} …`;
  }
  return text.trim();
}
