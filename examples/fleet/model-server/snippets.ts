export interface Snippet {
  name: string;
  code: string;
  tests: string;
  /** Replacing the first by the second makes the tests fail. */
  slip: [string, string];
}

/** What the Code agent's model writes. Each runs under Node as it is, and passes its tests. */
export const snippets: readonly Snippet[] = [
  {
    name: 'slug',
    code: `/** A title as part of an address. */
export function slug(title: string): string {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}
`,
    tests: `assert.equal(slug('Hello, World!'), 'hello-world');
assert.equal(slug('  '), '');
`,
    slip: ['.toLowerCase()', ''],
  },
  {
    name: 'chunk',
    code: `/** Splits a list into lists of at most \`size\` items. */
export function chunk<T>(items: T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
`,
    tests: `assert.deepEqual(chunk([1, 2, 3], 2), [[1, 2], [3]]);
assert.deepEqual(chunk([], 2), []);
`,
    slip: ['start += size)', 'start += size + 1)'],
  },
  {
    name: 'median',
    code: `/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
`,
    tests: `assert.equal(median([10, 9, 1]), 9);
assert.equal(median([4, 1, 3, 2]), 2.5);
`,
    slip: ['.sort((a, b) => a - b)', '.sort()'],
  },
  {
    name: 'parseDuration',
    code: `const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a text such as \`1h30m\`. */
export function parseDuration(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\\d+)(ms|s|m|h)/g)) total += Number(amount) * unitMs[unit!]!;
  return total;
}
`,
    tests: `assert.equal(parseDuration('1h30m'), 5_400_000);
assert.equal(parseDuration('250ms'), 250);
`,
    slip: ['m: 60_000', 'm: 6000'],
  },
  {
    name: 'groupBy',
    code: `/** The items by what \`keyOf\` says of them. */
export function groupBy<T>(items: T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
`,
    tests: `const groups = groupBy([1, 2, 3], (n) => (n % 2 ? 'odd' : 'even'));
assert.deepEqual([...groups], [['odd', [1, 3]], ['even', [2]]]);
`,
    slip: ['[...(groups.get(keyOf(item)) ?? []), item]', '[item]'],
  },
  {
    name: 'backoffMs',
    code: `/** Wait before the next attempt: doubles from 100 ms, 10 s at most. */
export function backoffMs(failures: number): number {
  return Math.min(100 * 2 ** failures, 10_000);
}
`,
    tests: `assert.equal(backoffMs(0), 100);
assert.equal(backoffMs(3), 800);
assert.equal(backoffMs(30), 10_000);
`,
    slip: ['Math.min', 'Math.max'],
  },
];
