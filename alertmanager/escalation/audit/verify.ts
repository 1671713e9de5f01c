import type { AuditRecord } from '../store/store.ts';
import { entryOf, type Head, hashOf, noHead } from './chain.ts';

export type Verdict =
  | { readonly ok: true; readonly entries: number; readonly head: Head }
  /** `broken`: the number of the first record that is not as it was written. */
  | { readonly ok: false; readonly entries: number; readonly broken: number; readonly how: string };

/**
 * Reads a trail and says whether it is whole. A trail that ends too soon, or was written anew from some
 * number on, is whole in itself: only `heads` kept elsewhere (the daily log) show that. `since`: a head that was verified before,
 * whose next record is the first of these.
 */
export async function verify(
  records: AsyncIterable<AuditRecord> | Iterable<AuditRecord>,
  heads: Iterable<Head> = [],
  since: Head = noHead,
): Promise<Verdict> {
  const expected = new Map([...heads].map(({ number, hash }) => [number, hash]));
  let head = since;
  for await (const record of records) {
    const how = wrong(head, record) ?? differs(expected.get(head.number + 1), record);
    if (how) return { ok: false, entries: head.number, broken: head.number + 1, how };
    head = { number: record.number, hash: record.hash };
  }
  const farthest = Math.max(0, ...expected.keys());
  if (farthest > head.number) {
    const how = `the trail ends at ${head.number}, the log knows ${farthest}: its end was cut off`;
    return { ok: false, entries: head.number, broken: head.number + 1, how };
  }
  return { ok: true, entries: head.number, head };
}

function wrong(head: Head, record: AuditRecord): string | undefined {
  const expected = head.number + 1;
  if (record.number > expected) {
    const last = record.number - 1;
    return last === expected ? `${expected} is missing` : `${expected} to ${last} are missing`;
  }
  if (record.number < expected)
    return `${record.number} stands after ${head.number}: a record was inserted or records were reordered`;
  if (record.previous !== head.hash)
    return 'it does not follow the record before it: one of the two was changed, inserted or moved, or others between them were removed';
  if (hashOf(record.previous, entryOf(record)) !== record.hash)
    return 'it was changed: its hash is that of other content';
  return undefined;
}

function differs(hash: string | undefined, record: AuditRecord): string | undefined {
  if (hash === undefined || hash === record.hash) return undefined;
  return `the log knows it as ${hash.slice(0, 12)}…, here it is ${record.hash.slice(0, 12)}…: the trail was written anew`;
}
