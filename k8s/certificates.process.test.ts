import { X509Certificate } from 'node:crypto';
import { loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { authority, selfMade, signed } from './certificates.ts';
import partsCertificates from './components/parts-certificates/parts-certificates.ts';

test('P06 a certificate for these names and no other, by an authority that may vouch for nothing else', async () => {
  const made = await selfMade(['otlp.example.org', '192.0.2.7'], 30);
  const [authority, certificate] = [new X509Certificate(made.authority), new X509Certificate(made.certificate)];
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkHost('otlp.example.org')).toBe('otlp.example.org');
  expect(certificate.checkIP('192.0.2.7')).toBe('192.0.2.7');
  expect(certificate.checkHost('grafana.example.org')).toBeUndefined();
  expect([authority.ca, certificate.ca]).toEqual([true, false]);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 86_400_000;
  expect(days).toBeCloseTo(30, 1);
  const another = await selfMade(['otlp.example.org']);
  expect(certificate.verify(new X509Certificate(another.authority).publicKey)).toBe(false);
});

test('P06 one authority vouches for several, each by its own names and for what it is shown for', async () => {
  const by = await authority();
  const usages = ['serverAuth', 'clientAuth'] as const;
  const [first, second] = await Promise.all([
    signed(by, ['prometheus', '*.prometheus'], { usages }),
    signed(by, ['loki'], { days: 2 }),
  ]);
  const { publicKey } = new X509Certificate(by.certificate);
  const certificates = [first, second].map((made) => new X509Certificate(made?.certificate as string));
  for (const one of certificates) expect(one.verify(publicKey)).toBe(true);
  expect(certificates.map(({ keyUsage }) => keyUsage)).toEqual([
    ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
    ['1.3.6.1.5.5.7.3.1'],
  ]);
  expect(certificates[0]?.subjectAltName).toBe('DNS:prometheus, DNS:*.prometheus');
  expect(certificates[1]?.checkHost('prometheus')).toBeUndefined();
  // Of the same name, and not the same.
  const other = await authority();
  expect(certificates[0]?.verify(new X509Certificate(other.certificate).publicKey)).toBe(false);
});

test.each(['otlp.example.org\n[ca]', 'a,DNS:b', '', 'otlp_1.example.org', '-a.example.org'])(
  'P06 %j is no name for a certificate',
  async (name) => {
    await expect(selfMade([name])).rejects.toThrow('neither a host name nor an address');
  },
);

test('P06 cert-manager gives a year to who shows what it was started with, and 90 days to all others', () => {
  const made = loadAll(partsCertificates.render('parts-certificates.ts')['certificates.yaml'] as string) as {
    kind: string;
    metadata: { name: string };
    spec: { duration: string; renewBefore: string };
  }[];
  const ofParts = made.filter(({ kind, metadata }) => kind === 'Certificate' && !metadata.name.endsWith('authority'));
  const lasts = (duration: string, renewBefore: string) =>
    ofParts.flatMap(({ metadata, spec }) =>
      spec.duration === duration && spec.renewBefore === renewBefore
        ? [metadata.name.replace('fleetscope-tls-', '')]
        : [],
    );
  const [year, quarter] = [lasts('8760h0m0s', '2160h0m0s'), lasts('2160h0m0s', '720h0m0s')];
  expect(year.sort()).toEqual(['grafana', 'loki', 'loki-backend', 'loki-read']);
  expect(quarter).toContain('collector');
  expect(year.length + quarter.length).toBe(ofParts.length);
});
