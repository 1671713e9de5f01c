import { join } from 'node:path';
import { execa } from 'execa';

/** A CA, a certificate by which the API server is known to the kubelet, and the key that signs tokens of accounts. */
export async function makeCertificates(folder: string): Promise<void> {
  const openssl = (...args: string[]) => execa('openssl', args, { cwd: folder });
  const subject = (name: string) => ['-subj', `/CN=${name}`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', ...subject('fleetscope-test'));
  await openssl(
    'req',
    '-new',
    ...key.slice(0, 5),
    '-keyout',
    'client.key',
    '-out',
    'client.csr',
    ...subject('api-server'),
  );
  await openssl(
    'x509',
    '-req',
    '-in',
    'client.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-out',
    'client.crt',
  );
  await openssl('genrsa', '-out', join(folder, 'accounts.key'), '2048');
}
