import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { overlay } from '../../../k8s/overlay.ts';
import { single, team } from '../../../k8s/size.ts';
import { compose, kubernetes } from '../../../place.ts';
import type { Documents } from '../../../twin.ts';
import { memoryCommand, memoryEnv, memorySettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const env = {
  FLEETSCOPE_MONITOR_DATA: '/data/monitor',
  FLEETSCOPE_MEMORY_ROOT: '/data/memory',
  FLEETSCOPE_MEMORY_PROMETHEUS: 'http://127.0.0.1:1/',
};

test('M01 the memory stands beside the ledger, unless it is told otherwise', () => {
  expect(memorySettings(env)).toMatchObject({
    ...{ memory: '/data/monitor/memory.db', ledger: '/data/monitor/ledger.db' },
    ...{ prometheus: { url: 'http://127.0.0.1:1' }, keptMs: 29 * 86_400_000 },
    escalation: expect.stringContaining('no escalation service is named'),
  });
  const mongo = 'mongodb://db/fleet';
  expect(memorySettings({ ...env, FLEETSCOPE_MONITOR_DB: mongo })).toMatchObject({ memory: mongo, ledger: mongo });
  expect(memorySettings({ ...env, FLEETSCOPE_MEMORY_DB: '/m.db', FLEETSCOPE_MONITOR_DB: mongo }).memory).toBe('/m.db');
});

test('M01 what is missing or no address is named with its variable', () => {
  for (const name of Object.keys(env))
    expect(() => memorySettings({ ...env, [name]: undefined })).toThrow(`Cannot start: ${name} is not set.`);
  expect(() => memorySettings({ ...env, FLEETSCOPE_MEMORY_PROMETHEUS: 'prometheus:1' })).toThrow(
    'Cannot start: FLEETSCOPE_MEMORY_PROMETHEUS="prometheus:1" is no address.',
  );
  const asked = { ...env, FLEETSCOPE_MEMORY_ESCALATION: 'http://127.0.0.1:2' };
  expect(() => memorySettings(asked)).toThrow('FLEETSCOPE_MEMORY_ESCALATION_TOKEN_FILE is not set');
  const path = join(folder, 'token');
  writeFileSync(path, 'a-token-made-by-chance-0123456789-0123456789\n');
  const { escalation } = memorySettings({ ...asked, FLEETSCOPE_MEMORY_ESCALATION_TOKEN_FILE: path });
  expect(typeof escalation === 'object' && escalation.token()).toBe('a-token-made-by-chance-0123456789-0123456789');
});

test('M01 where Prometheus has few days whole, no older one is made of what is left of them', () => {
  const keptMs = (FLEETSCOPE_MEMORY_METRICS_DAYS: string) =>
    memorySettings({ ...env, FLEETSCOPE_MEMORY_METRICS_DAYS }).keptMs;
  expect(keptMs('7')).toBe(6 * 86_400_000);
  for (const days of ['1', '0', '-3', '7.5', 'week'])
    expect(() => keptMs(days), days).toThrow(`FLEETSCOPE_MEMORY_METRICS_DAYS="${days}" is no number of days`);
  expect(() => memorySettings({ ...env, FLEETSCOPE_MEMORY_PROMETHEUS_PART: 'prometeus' })).toThrow('is no part');
});

test.each([
  ['Compose', compose, '/var/lib/memory', 'http://prometheus:9090', '30', 'http://escalation:9002'],
  ['one node', kubernetes(single), '/var/lib/monitor/memory', 'http://prometheus:9090', '30', 'http://escalation:9002'],
  [
    ...(['a team', kubernetes(team), '/var/lib/monitor/memory', 'https://thanos-query-frontend:10902', '7'] as const),
    'https://escalation-alerts:9102',
  ],
] as const)('M01 in %s it is told of all that it reads', (_, place, root, url, days, told) => {
  const given = memoryEnv(place);
  expect(given).toMatchObject({
    ...{ FLEETSCOPE_MEMORY_ROOT: root, FLEETSCOPE_MEMORY_PROMETHEUS: url, FLEETSCOPE_MEMORY_METRICS_DAYS: days },
    ...{ FLEETSCOPE_MEMORY_ESCALATION: told, FLEETSCOPE_MONITOR_DATA: '/var/lib/monitor' },
    FLEETSCOPE_MEMORY_ESCALATION_TOKEN_FILE: '/run/fleetscope/secrets/escalation-api-token',
  });
  expect('FLEETSCOPE_TLS_KEY_FILE' in given).toBe(place.tls !== undefined);
});

test('M01 on Kubernetes it stands beside the ledger, whose files no other pod can read, with its own token and no other', () => {
  for (const size of [single, team]) {
    const { spec } = (overlay(size).monitor as Documents).all.at(-1) as unknown as StatefulSet;
    const { containers, volumes } = spec.template.spec;
    expect(containers.map(({ name }) => name)).toEqual(['monitor', 'memory']);
    const [ledger, memory] = containers as [Container, Container];
    expect(memory).toMatchObject({ image: ledger.image, command: memoryCommand });
    const at = (one: Container, path: string) => one.volumeMounts.find(({ mountPath }) => mountPath === path)?.name;
    expect(at(memory, '/var/lib/monitor')).toBe(at(ledger, '/var/lib/monitor'));
    const tokens = (one: Container) =>
      volumes.find(({ name }) => name === at(one, '/run/fleetscope/secrets'))?.secret?.items.map(({ key }) => key);
    expect([tokens(ledger), tokens(memory)]).toEqual([['monitor-ingest-token'], ['escalation-api-token']]);
  }
});

interface Container {
  readonly name: string;
  readonly image: string;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface StatefulSet {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string; readonly secret?: { readonly items: { key: string }[] } }[];
      };
    };
  };
}
