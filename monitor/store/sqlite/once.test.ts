import { expect, test } from 'vitest';
import { runStarted } from '../../testing/some-facts.ts';
import type { Connection } from './connection.ts';
import { recordOnce } from './once.ts';
import type { SqliteLedger } from './sqlite-ledger.ts';

const patienceMs = 60;

/** A file that another process has until so many attempts were made. @param version what it says of who has written. */
function kept(attempts: number, version: (attempt: number) => number) {
  let made = 0;
  const connection: Pick<Connection, 'get' | 'tryWrite'> = {
    get: <Row>() => ({ data_version: version(made) }) as Row,
    tryWrite<T>(_: () => T, isLast: boolean) {
      if (++made > attempts) return { value: true as T };
      if (isLast) throw new Error('kept');
      return undefined;
    },
  };
  const ledger = { connection } as unknown as SqliteLedger;
  return { record: () => recordOnce(ledger, runStarted('a', 0), patienceMs), attempts: () => made };
}

test('R03 a call waits its turn among many that write, for longer than for one that keeps the file', () => {
  const turns = kept(40, (attempt) => attempt);
  expect([turns.record(), turns.attempts()]).toEqual([true, 41]);
  const held = kept(Number.POSITIVE_INFINITY, () => 7);
  expect(held.record).toThrow('kept');
});
