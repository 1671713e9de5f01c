import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { selfMade } from './certificates.ts';

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

test.each(['otlp.example.org\n[ca]', 'a,DNS:b', '', 'otlp_1.example.org', '-a.example.org'])(
  'P06 %j is no name for a certificate',
  async (name) => {
    await expect(selfMade([name])).rejects.toThrow('neither a host name nor an address');
  },
);
