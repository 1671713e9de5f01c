import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { memorySettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const env = {
  FLEETSCOPE_MONITOR_DATA: '/data/monitor',
  FLEETSCOPE_MEMORY_ROOT: '/data/memory',
  FLEETSCOPE_MEMORY_PROMETHEUS: 'http://127.0.0.1:1/',
};

test('M01 the memory stands beside the ledger, unless it is told otherwise', () => {
  expect(memorySettings(env)).toMatchObject({
    ...{ memory: '/data/monitor/memory.db', ledger: '/data/monitor/ledger.db', prometheus: 'http://127.0.0.1:1' },
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
