import { expect, test } from 'vitest';
import type { EscalationReport } from './escalation.ts';
import { escalationTables, escalationVerdict } from './escalation-tables.ts';
import { withTables } from './markdown.ts';

const same = (median: number) => ({ median, low: median, high: median, rounds: 3 });
const report = (p99: number, heapGrowth: number): EscalationReport => ({
  machine: { cores: 2, node: '24.0.0', platform: 'linux', load: [0.5, 2.25] },
  latency: {
    ...{ perSecond: 100, seconds: 10 },
    service: { 'told p99': same(p99) },
    floor: { 'told p99': same(4) },
    ratio: { 'told p99': same(p99 / 4) },
  },
  memory: {
    ...{ incidents: 100_000, perSecond: 300, samples: [], heapGrowth, rssGrowth: -0.5 },
    ...{ heapMib: 40, rssMib: 150, storeBytes: 5000, logBytes: 2000 },
  },
  saves: { alone: same(500), together: same(2000), ratio: same(4), atOnce: 64 },
});

test('X05 the verdict on a run: in time and flat, or missed', () => {
  expect(escalationVerdict(report(80, 0.1)).map(({ kept }) => kept)).toEqual([true, true]);
  expect(escalationVerdict(report(1000, 0.1)).map(({ kept }) => kept)).toEqual([false, true]);
  expect(escalationVerdict(report(80, 0.5)).map(({ kept }) => kept)).toEqual([true, false]);
  expect(escalationTables(report(1000, 0.1))).toContain('| 1000 ms | **missed** |');
  expect(escalationTables(report(80, 0.1))).toContain('memory flat over 100 000 incidents');
});

test('X05 the tables name the load of the machine and take the place of the older ones', () => {
  const begin = '<!-- Written by "npm run bench -- escalation --write" from here … -->';
  const document = `before\n${begin}\nold\n<!-- … to here -->\nafter`;
  const written = withTables(document, 'escalation', escalationTables(report(80, 0.1)));
  expect(written.split('\n').at(0)).toBe('before');
  expect(written.split('\n').at(-1)).toBe('after');
  expect(written).toContain('Load average 0.5 before and 2.3 after');
  expect(written).toContain('| RSS | 150 | −0.50 |');
  expect(written.split('\n')).not.toContain('old');
  expect(() => withTables('nothing', 'escalation', '')).toThrow('lacks');
});
