/** By which a service of ours shows other parts who it is, and sees who they are: place.ts's files, read again when they change. (P06) */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { Server } from 'node:tls';
import { certificateName, type Place, type Tls } from '../place.ts';
import type { Part } from '../stack.ts';
import { type Env, needed } from './settings.ts';

const variables = {
  authority: 'FLEETSCOPE_TLS_AUTHORITY_FILE',
  certificate: 'FLEETSCOPE_TLS_CERTIFICATE_FILE',
  key: 'FLEETSCOPE_TLS_KEY_FILE',
} as const satisfies Record<keyof Tls, string>;

/** The variables that name the files. Nothing where parts have no certificates. */
export function tlsEnv({ tls }: Place): Record<string, string> {
  if (!tls) return {};
  return Object.fromEntries(Object.entries(variables).map(([which, name]) => [name, tls[which as keyof Tls]]));
}

/** What they say: all of them, or none. @throws Error that names the one that is missing, or whose file is of no use */
export function tlsOf(env: Env): Tls | undefined {
  if (!Object.values(variables).some((name) => env[name])) return undefined;
  const path = (which: keyof Tls) => needed(env, variables[which], 'the path of a PEM file');
  const tls = { authority: path('authority'), certificate: path('certificate'), key: path('key') };
  try {
    contextOf(tls);
  } catch (cause) {
    throw new Error(`Cannot start: ${(cause as Error).message}. Make the Secret again.`, { cause });
  }
  return tls;
}

/** Of a server: whoever shows no certificate of the same authority is not answered. @throws Error */
export function mutual(tls: Tls) {
  return { ...contextOf(tls), requestCert: true, rejectUnauthorized: true };
}

export interface Renewal {
  /** One line for people: it was renewed, or could not be. */
  readonly notice: (line: string) => void;
  /** How often that is looked at. Default: a minute, as the Collector does. */
  readonly lookEveryMs?: number;
}

/**
 * A server goes on with new files: those who are connected stay, those who come see the new certificate. Files that do not fit each other,
 * or not yet, leave it as it was. @returns what ends it
 */
export function renewed(server: Server, tls: Tls, { notice, lookEveryMs = 60_000 }: Renewal): () => void {
  const read = () => {
    const context = contextOf(tls);
    return { context, text: JSON.stringify(context) };
  };
  let seen = read().text;
  const timer = setInterval(() => {
    try {
      const { context, text } = read();
      if (text === seen) return;
      seen = text;
      server.setSecureContext(context);
      notice(`The certificate was read anew: ${tls.certificate}.`);
    } catch (error) {
      notice(`Cannot read the certificate anew: ${(error as Error).message}. The old one is shown until it can.`);
    }
  }, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** GET from a part, which sees our certificate as we see its own. @throws Error that says what was answered */
export async function getByTls(url: string, { tls, part, timeoutMs }: { tls: Tls; part: Part; timeoutMs: number }) {
  const answer = await fetchByTls(tls, part)(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  return answer.text();
}

/** A `fetch` that shows a certificate, for questions to one part. Its files are read for each: a new one counts at once. Redirections it does not follow. */
export function fetchByTls(tls: Tls, part: Part): typeof fetch {
  return async (input, init) => {
    const asked = new Request(input, init);
    const { url, method, signal } = asked;
    const body = Buffer.from(await asked.arrayBuffer());
    const options = { ...contextOf(tls), servername: certificateName(part), agent: false as const, method, signal };
    const headers = Object.fromEntries(asked.headers);
    return new Promise<Response>((resolve, reject) => {
      const fail = (error: unknown) => reject(signal.aborted ? signal.reason : error);
      const sent = request(url, { ...options, headers }, async (answer) => {
        try {
          const chunks: Buffer[] = await answer.toArray();
          const { statusCode: status = 0, headers } = answer;
          const about = { status, headers: { 'content-type': headers['content-type'] ?? '' } };
          resolve(new Response(chunks.length > 0 ? Buffer.concat(chunks) : null, about));
        } catch (error) {
          fail(error);
        }
      });
      sent.on('error', fail);
      sent.end(body);
    });
  };
}

/** @throws Error that names the file that is of no use: one that does not fit would be refused by a line of OpenSSL, or be taken and let nobody in. */
function contextOf(tls: Tls) {
  const read = <T>(which: keyof Tls, parse: (text: string) => T): { text: string; parsed: T } => {
    let text: string;
    try {
      text = readFileSync(tls[which], 'utf8');
    } catch (cause) {
      throw useless(tls, which, (cause as NodeJS.ErrnoException).code as string, cause);
    }
    try {
      return { text, parsed: parse(text) };
    } catch (cause) {
      throw useless(tls, which, `it holds no ${which === 'key' ? 'key' : 'certificate'} in PEM`, cause);
    }
  };
  const certificateIn = (text: string) => new X509Certificate(text);
  const ca = read('authority', certificateIn);
  const cert = read('certificate', certificateIn);
  const key = read('key', createPrivateKey);
  if (!cert.parsed.checkPrivateKey(key.parsed)) throw useless(tls, 'key', 'it is the key of another certificate');
  return { ca: ca.text, cert: cert.text, key: key.text, minVersion: 'TLSv1.3' as const };
}

function useless(tls: Tls, which: keyof Tls, why: string, cause?: unknown): Error {
  return new Error(`${variables[which]}=${tls[which]} cannot be used (${why})`, { cause });
}
