/** Certificates for a start, and for those who have nobody to give them one. They are not renewed: cert-manager would (k8s/components/cert-manager). */
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

/** Who vouches for certificates: PEM texts. Whoever has the key may do it as well. */
export interface Authority {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate is shown for: by who is asked, and by who asks. */
export type Usage = 'serverAuth' | 'clientAuth';

/**
 * By an authority of its own, whose key is thrown away: it can never vouch for anything else.
 * @param names host names and addresses by which the server is called. @throws RangeError where one is neither; Error without openssl.
 */
export async function selfMade(names: readonly string[], days = 365): Promise<Certificate> {
  return signed(await authority(days), names, { days });
}

/** @throws Error without openssl. */
export function authority(days = 365): Promise<Authority> {
  return inFolder(configuration('authority', ca), async (openssl, read) => {
    const files = ['-keyout', 'ca.key', '-out', 'ca.crt'];
    await openssl('req', '-x509', ...newKey, ...life(days), '-extensions', 'ca', ...files);
    return { certificate: read('ca.crt'), key: read('ca.key') };
  });
}

/** @param names as those of `selfMade`. @throws RangeError where one is neither; Error without openssl. */
export async function signed(
  by: Authority,
  names: readonly string[],
  { days = 365, usages = ['serverAuth'] }: { days?: number; usages?: readonly Usage[] } = {},
): Promise<Certificate> {
  return inFolder(configuration('part', leaf(names, usages)), async (openssl, read, write) => {
    write('ca.crt', by.certificate);
    write('ca.key', by.key);
    await openssl('req', '-new', ...newKey, '-keyout', 'tls.key', '-out', 'tls.csr');
    const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
    const extensions = ['-extfile', 'openssl.cnf', '-extensions', 'leaf'];
    await openssl('x509', '-req', '-in', 'tls.csr', ...signer, ...extensions, ...life(days), '-out', 'tls.crt');
    return { authority: by.certificate, certificate: read('tls.crt'), key: read('tls.key') };
  });
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-config', 'openssl.cnf'];

function life(days: number): string[] {
  return ['-sha256', '-days', String(days)];
}

async function inFolder<Made>(
  configuration: string,
  make: (
    openssl: (...args: string[]) => Promise<void>,
    read: (name: string) => string,
    write: (name: string, text: string) => void,
  ) => Promise<Made>,
): Promise<Made> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-certificate-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
  try {
    write('openssl.cnf', configuration);
    return await make(
      (...args) => run(folder, args),
      (name) => readFileSync(join(folder, name), 'utf8'),
      write,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The one form that OpenSSL and LibreSSL of every machine read. The names of who signs and who is signed differ, or some would think it vouched for itself. */
function configuration(name: string, extensions: string): string {
  return `[req]
distinguished_name = subject
prompt = no
[subject]
O = Fleetscope
CN = ${name}
${extensions}
`;
}

const ca = `[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash`;

function leaf(names: readonly string[], usages: readonly Usage[]): string {
  return `[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
extendedKeyUsage = ${usages.join(', ')}
subjectAltName = ${names.map(alternative).join(', ')}`;
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
