import { expect, test } from 'vitest';
import type { Snapshot } from './repository.ts';
import { expired } from './retention.ts';

const dayMs = 86_400_000;
const today = Date.UTC(2026, 10, 26);

/** A backup so many days old, proven or not. */
function backup(age: number, proven = true): Snapshot[] {
  const at = today - age * dayMs;
  const data: Snapshot = { kind: 'data', id: `data-${age}`, part: 'loki', at, of: undefined };
  return proven ? [data, { kind: 'record', id: `record-${age}`, part: 'loki', at, of: data.id }] : [data];
}

const ids = (snapshots: readonly Snapshot[]) => snapshots.map(({ id }) => id);

test('P05 a backup goes with its record when it is older than its days, counted from the newest', () => {
  const all = [backup(0), backup(89), backup(90), backup(91)].flat();
  expect(ids(expired(all, 90))).toEqual(['data-91', 'record-91']);
});

test('P05 where backups have stopped, nothing goes', () => {
  expect(expired([backup(400), backup(410)].flat(), 30)).toEqual([]);
});

test('P05 backups that nothing proves never make a proven one go, and go themselves after it', () => {
  const failing = [backup(40), backup(0, false), backup(1, false), backup(60, false)].flat();
  expect(ids(expired(failing, 30))).toEqual(['data-60']);
  expect(expired([backup(0, false), backup(50, false)].flat(), 30)).toEqual([]);
});

test('P05 a record whose data is gone goes', () => {
  const [, orphan] = backup(3);
  expect(ids(expired([...backup(0), orphan as Snapshot], 30))).toEqual(['record-3']);
});
