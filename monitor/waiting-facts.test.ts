import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileError } from '../service/sqlite-error.ts';
import { Monitor } from './monitor.ts';
import { recordOnce } from './store/sqlite/once.ts';
import { SqliteLedger } from './store/sqlite/sqlite-ledger.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-waiting-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('R03 a fact that it cannot keep is named, and keeps back nothing that comes after it', () => {
  const ledger = new SqliteLedger(join(folder, 'ledger.db'));
  const warnings: string[] = [];
  let now = Date.parse('2026-11-26T09:00:00Z');
  let trouble: Error | undefined = new FileError('Cannot write to ledger.db: database or disk is full. Free space.');
  const monitor = new Monitor({
    ledger,
    write(fact) {
      if (trouble) throw trouble;
      if (fact.id.includes('odd')) throw new Error('Cannot write to ledger.db: it is odd. Look at what was given.');
      return recordOnce(ledger, fact, 1000);
    },
    ...{ now: () => now, elapsedMs: () => now, warn: (message) => void warnings.push(message) },
  });
  for (const sessionId of ['a', 'odd 1', 'b', 'odd 2']) monitor.startOrchestration({ sessionId });
  trouble = undefined;
  now += 5000;
  monitor.startOrchestration({ sessionId: 'c' });
  const kept = ledger.orchestrations({ limit: 10 }).map(({ session_id }) => session_id);
  expect(kept.sort()).toEqual(['a', 'b', 'c']);
  monitor.startOrchestration({ sessionId: 'odd 3' });
  expect(warnings.slice(1)).toEqual([
    'Cannot write to ledger.db: it is odd. Look at what was given. It was told "start run odd 1": that is lost, and nothing after it.',
  ]);
  monitor.close();
  expect(warnings.slice(2)).toEqual(['Lost 3 facts that the run ledger could not keep. See the warning of the first.']);
});
