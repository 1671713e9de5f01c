/** How a test speaks to ports that ask for a certificate: with one, without, or with a stranger's. */
import { request } from 'node:https';
import { connect } from 'node:tls';
import type { Certificate } from '../../k8s/certificates.ts';

/** What is shown, and who is believed: with `certificate` absent nothing is shown. */
export interface Shown {
  readonly authority: string;
  readonly certificate?: Certificate;
}

/**
 * Whoever is let in gets a ticket for next time, whatever the protocol inside: a server that refuses a certificate says so only after the
 * client believes that all is well.
 * @returns `in`, or what it said. `at`: `host:port`. @param name by which it is asked.
 */
export function knock(at: string, name: string, { authority, certificate }: Shown): Promise<string> {
  const [host, port] = at.split(':') as [string, string];
  return new Promise((resolve) => {
    const socket = connect({
      ...{ host, port: Number(port), servername: name, ca: authority, timeout: 10_000 },
      ...(certificate && { cert: certificate.certificate, key: certificate.key }),
    });
    const end = (what: string) => {
      resolve(what);
      socket.destroy();
    };
    socket.on('session', () => end('in'));
    socket.on('error', ({ message }) => end(message));
    socket.on('close', () => end('closed'));
    socket.on('timeout', () => end('no answer in time'));
  });
}

/** The certificate that a port shows, by its fingerprint. */
export function shownBy(at: string, name: string, { authority, certificate }: Shown): Promise<string> {
  const [host, port] = at.split(':') as [string, string];
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...{ host, port: Number(port), servername: name, ca: authority },
      ...(certificate && { cert: certificate.certificate, key: certificate.key }),
    });
    socket.on('secureConnect', () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** A request by HTTPS on a connection of its own; with a body, a POST of JSON. @throws Error when it is not answered 2xx. */
export function ask(url: string, name: string, { authority, certificate }: Shown, body?: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        ...{ servername: name, ca: authority, agent: false, timeout: 10_000, method: body ? 'POST' : 'GET' },
        ...(certificate && { cert: certificate.certificate, key: certificate.key }),
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }) },
      },
      async (answer) => {
        const text = (await answer.setEncoding('utf8').toArray()).join('');
        const { statusCode = 0 } = answer;
        if (statusCode >= 200 && statusCode < 300) resolve(text);
        else reject(new Error(`${url}: ${statusCode} ${text}`));
      },
    );
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
