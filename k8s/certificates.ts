/** A certificate for a start, and for those who have nobody to give them one. It is not renewed: cert-manager would (k8s/components/cert-manager). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** PEM texts. */
export interface Certificate {
  /** What those who connect trust. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/**
 * By an authority of its own, whose key is thrown away: it can never vouch for anything else.
 * @param names host names and addresses by which the server is called. @throws RangeError where one is neither; Error without openssl.
 */
export async function selfMade(names: readonly string[], days = 365): Promise<Certificate> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-certificate-'));
  const openssl = (...args: string[]) => run(folder, args);
  try {
    writeFileSync(join(folder, 'openssl.cnf'), configuration(names));
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-config', 'openssl.cnf'];
    const life = ['-sha256', '-days', String(days)];
    await openssl('req', '-x509', ...key, ...life, '-extensions', 'ca', '-keyout', 'ca.key', '-out', 'ca.crt');
    await openssl('req', '-new', ...key, '-keyout', 'tls.key', '-out', 'tls.csr');
    const by = [
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-extfile',
      'openssl.cnf',
      '-extensions',
      'leaf',
    ];
    await openssl('x509', '-req', '-in', 'tls.csr', ...by, ...life, '-out', 'tls.crt');
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    return { authority: read('ca.crt'), certificate: read('tls.crt'), key: read('tls.key') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The one form that OpenSSL and LibreSSL of every machine read. */
function configuration(names: readonly string[]): string {
  return `[req]
distinguished_name = subject
prompt = no
[subject]
O = Fleetscope
CN = OTLP
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = ${names.map(alternative).join(', ')}
`;
}

function alternative(name: string): string {
  if (isIP(name)) return `IP:${name}`;
  if (/^(\*\.)?([a-z\d]([a-z\d-]*[a-z\d])?\.)*[a-z\d]([a-z\d-]*[a-z\d])?$/i.test(name)) return `DNS:${name}`;
  throw new RangeError(`Cannot make a certificate for "${name}": it is neither a host name nor an address.`);
}

async function run(cwd: string, args: readonly string[]): Promise<void> {
  const { failed, code, stderr } = await execa('openssl', args, {
    cwd,
    reject: false,
    stdin: 'ignore',
    timeout: 30_000,
  });
  if (!failed) return;
  const remedy = 'Bring a certificate of your own, and leave this one out.';
  if (code === 'ENOENT')
    throw new Error(`Cannot make a certificate: there is no openssl on PATH. Install it. ${remedy}`);
  throw new Error(`Cannot make a certificate: openssl ${args[0]} says "${stderr.trim().slice(-300)}". ${remedy}`);
}
