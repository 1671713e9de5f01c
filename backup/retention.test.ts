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
  expect(ids(expired(all, 90, { now: today }))).toEqual(['data-91', 'record-91']);
});

test('P05 where backups have stopped, nothing goes', () => {
  expect(expired([backup(400), backup(410)].flat(), 30, { now: today })).toEqual([]);
});

test('P05 backups that nothing proves never make a proven one go, and go themselves after it', () => {
  const failing = [backup(40), backup(0, false), backup(1, false), backup(60, false)].flat();
  expect(ids(expired(failing, 30, { now: today }))).toEqual(['data-60']);
  expect(expired([backup(0, false), backup(50, false)].flat(), 30, { now: today })).toEqual([]);
});

test('P05 a backup of the future makes none go and stays; the one just made stays whatever the clocks say', () => {
  const ahead = [backup(0), backup(40), backup(-400)].flat();
  expect(ids(expired(ahead, 30, { now: today }))).toEqual(['data-40', 'record-40']);
  expect(expired([backup(0), backup(-400)].flat(), 30, { now: today })).toEqual([]);
  // The clock went back: what was made is older than the others.
  const back = [backup(0), backup(50), backup(60, false)].flat();
  expect(ids(expired(back, 30, { now: today, made: 'data-50' }))).toEqual(['data-60']);
});

test('P05 a record whose data is gone goes', () => {
  const [, orphan] = backup(3);
  expect(ids(expired([...backup(0), orphan as Snapshot], 30, { now: today }))).toEqual(['record-3']);
});
