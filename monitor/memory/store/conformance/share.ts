/** What several processes share: leases, and what people wrote. */
import { describe, expect, test } from 'vitest';
import type { Override } from '../../record.ts';
import type { Database } from './database.ts';
import { twoStores } from './two-stores.ts';

export function shareConformance(name: string, empty: () => Promise<Database>): void {
  describe(`${name}: a memory shares`, () => {
    const { store, other, reopen } = twoStores(empty);

    test('M01 leases a name to one holder until then', async () => {
      const asked = await Promise.all(
        ['me', 'you', 'she', 'he'].map((holder, i) => (i % 2 ? store() : other()).lease('jobs', holder, 100, 1)),
      );
      expect(asked.filter(Boolean)).toHaveLength(1);
      const holder = ['me', 'you', 'she', 'he'][asked.indexOf(true)] as string;
      expect(await store().lease('jobs', 'late', 200, 99)).toBe(false);
      expect(await other().lease('other', 'late', 200, 99)).toBe(true);
      // Its holder prolongs it.
      expect(await other().lease('jobs', holder, 150, 99)).toBe(true);
      expect(await store().lease('jobs', 'late', 200, 149)).toBe(false);
      expect(await store().lease('jobs', 'late', 200, 150)).toBe(true);
      await store().release('jobs', holder);
      expect(await other().lease('jobs', holder, 300, 151)).toBe(false);
      await other().release('jobs', 'late');
      expect(await store().lease('jobs', holder, 300, 151)).toBe(true);
    });

    test('M01 what a clock that was ahead has taken is free once the clock is right; what one that is a little ahead has, is not', async () => {
      const [right, ahead] = [1000, 1000 + 86_400_000];
      expect(await store().lease('jobs', 'ahead', ahead + 60, ahead)).toBe(true);
      expect(await other().lease('jobs', 'right', right + 60, right)).toBe(true);
      expect(await store().lease('jobs', 'ahead', right + 50 + 60, right + 50)).toBe(false);
      expect(await store().lease('other', 'ahead', right + 50 + 60, right + 50)).toBe(true);
      expect(await other().lease('other', 'right', right + 60, right)).toBe(false);
    });

    test('M01 of many that ask for what has run out one gets it', async () => {
      expect(await store().lease('jobs', 'dead', 100, 1)).toBe(true);
      const holders = Array.from({ length: 12 }, (_, i) => `h${i}`);
      const asked = await Promise.all(
        holders.map((holder, i) => (i % 2 ? store() : other()).lease('jobs', holder, 200, 100)),
      );
      expect(asked.filter(Boolean)).toHaveLength(1);
    });

    test('M04 keeps what people wrote, by document and block, the last in place of the one before', async () => {
      const text = `a\u0000\u2028"\\🚒'%\n<!-- fleetscope -->`;
      const one: Override = { document: 'docs/A.md', block: 'b', text, instead_of: 'generated' };
      const two: Override = { document: 'docs/A.md', block: 'a', text: 'two', instead_of: '' };
      const three: Override = { document: 'docs', block: 'A.md/a', text: 'three', instead_of: '' };
      for (const override of [one, two, three]) await store().putOverride(override);
      await reopen();
      expect(await other().override('docs/A.md', 'b')).toEqual(one);
      expect(await store().overrides('docs/A.md')).toEqual([two, one]);
      expect(await store().overrides('docs')).toEqual([three]);
      expect(await store().override('docs/A.md', 'c')).toBeUndefined();
      await other().putOverride({ ...one, text: 'again', instead_of: 'newer' });
      expect(await store().override('docs/A.md', 'b')).toEqual({ ...one, text: 'again', instead_of: 'newer' });
      expect(await store().dropOverride('docs/A.md', 'b')).toBe(true);
      expect(await other().dropOverride('docs/A.md', 'b')).toBe(false);
      expect(await other().overrides('docs/A.md')).toEqual([two]);
      await Promise.all([store(), other(), store()].map((by, i) => by.putOverride({ ...one, text: `${i}` })));
      expect((await store().override('docs/A.md', 'b'))?.text).toMatch(/^[012]$/);
    });
  });
}
