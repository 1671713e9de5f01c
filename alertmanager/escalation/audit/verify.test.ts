import { expect, test } from 'vitest';
import { entry } from '../store/some-incident.ts';
import type { AuditRecord } from '../store/store.ts';
import { chained, type Head, noHead } from './chain.ts';
import { verify } from './verify.ts';

function trail(length: number, who = 'policy'): AuditRecord[] {
  let head: Head = noHead;
  return Array.from({ length }, (_, i) => {
    const record = chained(head, { ...entry('a', i + 1), who, data: { i } });
    head = record;
    return record;
  });
}
const whole = trail(6);
const at = (number: number) => whole[number - 1] as AuditRecord;
const without = (number: number) => whole.filter((record) => record.number !== number);
const renumbered = (records: AuditRecord[]) => records.map((record, i) => ({ ...record, number: i + 1 }));
const rehashed = (records: AuditRecord[]) => {
  let head: Head = noHead;
  return records.map(({ number: _, previous: __, hash: ___, ...rest }) => {
    const record = chained(head, rest);
    head = record;
    return record;
  });
};
const changed = (change: object, number = 3) =>
  whole.map((record) => (record.number === number ? { ...record, ...change } : record));

test('X06 a whole trail is whole, also an empty one, and with heads that it holds', async () => {
  expect(await verify([])).toEqual({ ok: true, entries: 0, head: noHead });
  const head = { number: 6, hash: at(6).hash };
  expect(await verify(whole)).toEqual({ ok: true, entries: 6, head });
  expect(await verify(whole, [at(2), at(6)])).toEqual({ ok: true, entries: 6, head });
});

test.each<[what: string, records: AuditRecord[], broken: number, how: RegExp]>([
  ['a changed word', changed({ who: 'nobody' }), 3, /it was changed/],
  ['a changed time', changed({ at: 5 }), 3, /it was changed/],
  ['a changed datum', changed({ data: { i: 9 } }), 3, /it was changed/],
  ['an added field', changed({ why: 'because' }), 3, /it was changed/],
  ['a changed first record', changed({ who: 'nobody' }, 1), 1, /it was changed/],
  ['a changed last record', changed({ who: 'nobody' }, 6), 6, /it was changed/],
  ['a changed hash', changed({ hash: 'f'.repeat(64) }), 3, /it was changed/],
  [
    'a change with its hash made to fit',
    changed(chained(at(2), { ...entry('a', 3), who: 'nobody', data: { i: 2 } })),
    4,
    /does not follow/,
  ],
  ['a removed record', without(3), 3, /^3 is missing$/],
  ['a removed first record', without(1), 1, /^1 is missing$/],
  ['two removed records', without(3).filter(({ number }) => number !== 4), 3, /^3 to 4 are missing$/],
  ['a removed record, the rest renumbered', renumbered(without(3)), 3, /does not follow/],
  ['an inserted record', [...whole.slice(0, 3), at(2), ...whole.slice(3)], 4, /^2 stands after 3/],
  [
    'an inserted record, the rest renumbered',
    renumbered([at(1), chained(at(1), entry('b', 1)), ...whole.slice(1)]),
    3,
    /does not follow/,
  ],
  ['two that changed places', [at(1), at(3), at(2), ...whole.slice(3)], 2, /^2 is missing$/],
  ['two that changed places and numbers', renumbered([at(1), at(3), at(2), ...whole.slice(3)]), 2, /does not follow/],
])('X06 %s is found, and where', async (_, records, broken, how) => {
  expect(await verify(records)).toEqual({ ok: false, entries: broken - 1, broken, how: expect.stringMatching(how) });
});

test('X06 an end that was cut off is found by the heads alone', async () => {
  const cut = whole.slice(0, 4);
  expect(await verify(cut)).toMatchObject({ ok: true, entries: 4 });
  expect(await verify(cut, [at(4)])).toMatchObject({ ok: true });
  expect(await verify(cut, [at(2), at(6)])).toEqual({
    ok: false,
    entries: 4,
    broken: 5,
    how: 'the trail ends at 4, the log knows 6: its end was cut off',
  });
  expect(await verify([], [at(6)])).toMatchObject({ ok: false, broken: 1 });
});

test('X06 what was verified before is not read again, and must still be what the rest follows', async () => {
  const head = { number: 6, hash: at(6).hash };
  expect(await verify(whole.slice(4), [at(2), at(6)], at(4))).toEqual({ ok: true, entries: 6, head });
  expect(await verify([], [at(6)], at(6))).toEqual({ ok: true, entries: 6, head: at(6) });
  expect(await verify(whole.slice(4), [], { number: 4, hash: at(3).hash })).toMatchObject({ ok: false, broken: 5 });
  expect(await verify(whole.slice(5), [], at(4))).toMatchObject({ ok: false, broken: 5, how: '5 is missing' });
});

test('X06 a trail that was written anew is found by the heads alone', async () => {
  const forged = rehashed(changed({ who: 'nobody' }));
  expect(await verify(forged)).toMatchObject({ ok: true, entries: 6 });
  expect(await verify(forged, [at(2), at(5)])).toMatchObject({
    ok: false,
    broken: 5,
    how: expect.stringMatching(/anew/),
  });
});
