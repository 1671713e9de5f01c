import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { secrets } from '../place.ts';
import { twins } from '../twin.ts';
import { overlay, partsOf } from './overlay.ts';
import { chosen, given, type Order, printed } from './print-secrets.ts';
import { askedOf } from './secrets.ts';
import { sizes, team } from './size.ts';

const bySize = sizes.map((size) => [size.name, size] as const);
let made = 0;
const order: Order = {
  ...{ size: 'single', namespace: 'fleetscope', otlpHost: ['otlp.example.org'], wanted: () => true },
  make: () => `made-by-chance-${made++}`,
  known: (variable) => `what-is-${variable}`,
};
const printedOnce = new Map<string, ReturnType<typeof printed>>();
const allOf = (size: string) => {
  printedOnce.set(size, printedOnce.get(size) ?? printed({ ...order, size }));
  return printedOnce.get(size) as ReturnType<typeof printed>;
};
const keysOf = (manifest: object) => Object.keys((manifest as { stringData: object }).stringData);

test.each(bySize)('P03 %s: every Secret and key that a pod does not start without is printed', async (size, facts) => {
  const all = await allOf(size);
  const printedKeys = new Map(all.map((manifest) => [manifest.metadata.name, keysOf(manifest)]));
  const text = Object.values(twins('yaml', overlay(facts)).render(`${size}.ts`)).join('\n');
  // Read again from the text that is shipped, not from what made it.
  const asked = [
    ...[...text.matchAll(/secretKeyRef:\n\s+name: (\S+)\n\s+key: (\S+)/g)].map(([, name, key]) => [name, key]),
    ...[
      ...text.matchAll(
        /secretName: (\S+)\n\s+items:\n((?:\s+- key: \S+\n\s+path: \S+\n)+)(?!\s+defaultMode: \d+\n\s+optional: true)/g,
      ),
    ].flatMap(([, name, items = '']) => [...items.matchAll(/key: (\S+)/g)].map(([, key]) => [name, key])),
  ] as [string, string][];
  expect(asked.length).toBeGreaterThan(5);
  // What a pod starts without as well is nobody's duty to make: the authority of a database, where it is a private one.
  expect(text.includes('secretName: fleetscope-grafana-database')).toBe(size !== 'single');
  expect(asked.flat()).not.toContain('fleetscope-grafana-database');
  for (const [name, key] of asked) expect(printedKeys.get(name) ?? [], `${name}/${key}`).toContain(key);
  // No pod is the doctor, who asks those that know each other by certificates.
  expect([...printedKeys.keys()].filter((name) => !asked.some(([one]) => one === name))).toEqual(
    facts.tls ? ['fleetscope-tls-doctor'] : [],
  );
  expect(all.map(({ metadata }) => metadata.namespace)).toEqual(all.map(() => 'fleetscope'));
});

test('P06 nothing that is printed was there before: each value is its own, by chance', async () => {
  const [own] = await printed(order);
  const values = Object.values((own as unknown as { stringData: Record<string, string> }).stringData);
  expect(new Set(values).size).toBe(Object.keys(secrets).length);
  expect(own).toMatchObject({ metadata: { name: 'fleetscope-secrets' }, immutable: true });
  const tokens = (await printed({ ...order, wanted: (name) => name === 'fleetscope-otlp-tokens' }))[0];
  // Rotated in place, line by line.
  expect(tokens).not.toHaveProperty('immutable');
  expect(tokens).toMatchObject({
    stringData: { tokens: expect.stringMatching(/^made-by-chance-\d+ whose it is\n$/) },
  });
});

test('P06 the certificate is of the hosts that were named, and of the name inside', async () => {
  const [tls] = await printed({ ...order, wanted: (name) => name === 'fleetscope-otlp-tls' });
  const { stringData } = tls as unknown as { stringData: Record<string, string> };
  const certificate = new X509Certificate(stringData['tls.crt'] as string);
  for (const name of ['otlp.example.org', 'otlp.fleetscope.svc']) expect(certificate.checkHost(name)).toBe(name);
  expect(certificate.checkHost('example.org')).toBeUndefined();
  expect(certificate.checkPrivateKey(createPrivateKey(stringData['tls.key'] as string))).toBe(true);
  expect(certificate.verify(new X509Certificate(stringData['ca.crt'] as string).publicKey)).toBe(true);
});

test('P06 parts are vouched for by one authority, of which nothing but its certificate is left', async () => {
  const all = (await allOf('team')).filter(({ metadata }) => metadata.name.startsWith('fleetscope-tls'));
  const pems = new Map(
    all.map(({ metadata, stringData }) => [metadata.name, stringData as unknown as Record<string, string>]),
  );
  expect(pems.size).toBe(partsOf(team).length + 1);
  expect(new Set([...pems.values()].map((pem) => pem['ca.crt'])).size).toBe(1);
  expect(new Set([...pems.values()].map((pem) => pem['tls.key'])).size).toBe(pems.size);
  const prometheus = new X509Certificate(pems.get('fleetscope-tls-prometheus')?.['tls.crt'] as string);
  for (const name of [
    'prometheus',
    'prometheus.fleetscope.svc',
    'prometheus-0.prometheus.fleetscope.svc.cluster.local',
    'localhost',
  ])
    expect(prometheus.checkHost(name), name).toBeDefined();
  expect(prometheus.checkHost('alertmanager')).toBeUndefined();
  expect(all.map(({ type }) => type)).toEqual(all.map(() => 'kubernetes.io/tls'));
  expect(['fleetscope-tls', 'fleetscope-secrets'].map(chosen('team', ['fleetscope-tls'], []))).toEqual([true, false]);
  // One alone would be another authority's: nobody would believe it. One node needs none.
  expect(() => chosen('team', ['fleetscope-tls-prometheus'], [])).toThrow(RangeError);
  expect(() => chosen('single', ['fleetscope-tls'], [])).toThrow(RangeError);
  expect(await printed({ ...order, size: 'single', wanted: (name) => name === 'fleetscope-tls' })).toHaveLength(0);
});

test('P03 what only the user knows is asked for by name, all of it at once', async () => {
  const nothing = { ...order, size: 'team', known: () => undefined };
  await expect(printed(nothing)).rejects.toThrow(
    /values are missing[\s\S]*FLEETSCOPE_OBJECT_STORE_ENDPOINT +fleetscope-object-store, key endpoint[\s\S]*--without/,
  );
  await expect(printed(nothing)).rejects.toThrow(/FLEETSCOPE_GRAFANA_DATABASE_URL/);
  // Made by chance where nobody gives it.
  await expect(printed(nothing)).rejects.not.toThrow(/FLEETSCOPE_GRAFANA_SECRET_KEY/);
  const ours = await printed({ ...nothing, wanted: (name) => /fleetscope-(secrets|otlp)/.test(name) });
  expect(ours.map(({ metadata }) => metadata.name)).toEqual([
    ...['fleetscope-secrets', 'fleetscope-otlp-tokens', 'fleetscope-otlp-tls'],
  ]);
});

test('P05 where backups are wanted, their Secret is asked for by the variables of "npm run backup"; keys of a store come in pairs', async () => {
  const wanted = (name: string) => name === 'fleetscope-backup';
  const given = (names: readonly string[]) => (variable: string) =>
    names.includes(variable) ? `what-is-${variable}` : undefined;
  const [repository, password] = ['FLEETSCOPE_BACKUP_REPOSITORY', 'FLEETSCOPE_BACKUP_PASSWORD'];
  expect(await printed({ ...order, wanted })).toEqual([]);
  const [folder] = await printed({ ...order, wanted, backup: true, known: given([repository, password]) });
  expect(folder && keysOf(folder)).toEqual(['repository', 'password']);
  const [store] = await printed({ ...order, wanted, backup: true });
  expect(store && keysOf(store)).toEqual(['repository', 'password', 'access-key-id', 'secret-access-key']);
  const half = printed({
    ...order,
    wanted,
    backup: true,
    known: given([repository, 'FLEETSCOPE_BACKUP_ACCESS_KEY_ID']),
  });
  await expect(half).rejects.toThrow(/PASSWORD [\s\S]*FLEETSCOPE_BACKUP_SECRET_ACCESS_KEY +fleetscope-backup/);
});

test('P03 a file is its value without the newline at its end; one that is not there is named with its variable', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-secrets-'));
  const file = join(folder, 'region');
  try {
    writeFileSync(file, ' eu-1\n\n');
    expect(given({ REGION_FILE: file }, 'REGION')).toBe(' eu-1\n');
    expect(given({ REGION_FILE: file, REGION: 'eu-2' }, 'REGION')).toBe('eu-2');
    expect(given({}, 'REGION')).toBeUndefined();
    const none = join(folder, 'none');
    expect(() => given({ REGION_FILE: none }, 'REGION')).toThrow(`REGION_FILE=${none} cannot be read (ENOENT)`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('P03 a Secret that is misspelt is refused with the names there are', () => {
  const wanted = chosen('team', ['fleetscope-secrets', 'fleetscope-otlp-tls'], ['fleetscope-otlp-tls']);
  expect(['fleetscope-secrets', 'fleetscope-otlp-tls', 'fleetscope-grafana'].map(wanted)).toEqual([true, false, false]);
  expect(chosen('team', undefined, ['fleetscope-otlp-tls'])('fleetscope-object-store')).toBe(true);
  for (const [only, without] of [
    [['fleetscope-tokens'], []],
    [undefined, ['fleetscope-tokens']],
  ] as const)
    expect(() => chosen('team', only, without)).toThrow(
      /none called "fleetscope-tokens".*fleetscope-otlp-tokens.*fleetscope-object-store/,
    );
  // Of another size.
  expect(() => chosen('single', ['fleetscope-object-store'], [])).toThrow(RangeError);
});

test('P09 docs/secrets.md says what each of them is', () => {
  const page = readFileSync(new URL('../docs/secrets.md', import.meta.url), 'utf8');
  const asked = sizes.flatMap(askedOf);
  expect(asked.length).toBeGreaterThan(5);
  for (const { secret, key, variable } of asked) {
    expect(page, secret).toContain(`\`${secret}\``);
    expect(page, `${secret}/${key}`).toContain(`\`${key}\``);
    expect(page, variable).toContain(`\`${variable}\``);
  }
});
