import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { ScaleReport } from '../../bench/scale.ts';
import { processesThatName, repository } from './command-line.ts';

const node = (script: string, ...args: string[]) =>
  execa({ reject: false })(process.execPath, [join(repository, 'scripts', `${script}.ts`), ...args]);

test('P08 the bench of scale measures every signal in every process, and nothing stays behind', async () => {
  const { exitCode, stdout, stderr } = await node('bench', 'scale', '--quick', '--json');
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('a block of two hours') });
  const { costs, idle, past, limits, fresh, rules, queries, restarts, block, series } = JSON.parse(
    stdout,
  ) as ScaleReport;
  const store = { samples: 'prometheus', logs: 'loki', spans: 'tempo' } as const;
  for (const [signal, { sent, networkBytes, diskBytes }] of Object.entries(costs) as [
    keyof typeof store,
    ScaleReport['costs']['spans'],
  ][]) {
    expect({ signal, units: sent.units > 100, refusals: sent.refusals }).toEqual({ signal, units: true, refusals: [] });
    // Counted on the way to the store of that signal, compressed.
    expect(networkBytes[store[signal]], signal).toBeGreaterThan(1);
    expect(networkBytes[store[signal]], signal).toBeLessThan(sent.bytes / sent.units);
    expect(diskBytes, signal).toBeGreaterThan(0);
  }
  expect(Object.keys(idle)).toEqual(expect.arrayContaining(['collector', 'tempo', 'loki', 'prometheus', 'monitor']));
  expect(past.map(({ way }) => way)).toEqual([
    ...['OTLP to Prometheus', 'remote write to Prometheus', 'push API of Loki', 'OTLP to Tempo'],
  ]);
  expect(Object.values(limits).map((steps) => steps.length)).toEqual([1, 1, 1]);
  expect(fresh.map(({ canaries, lost }) => ({ canaries, lost }))).toEqual(Array(5).fill({ canaries: 2, lost: 0 }));
  expect(rules).toEqual([expect.objectContaining({ rules: 100, groups: 2, failures: 0 })]);
  expect(queries).toMatchObject({ dashboards: 1, failed: 0, users: { failed: 0 } });
  expect(restarts.map(({ component }) => component)).toEqual(['alertmanager']);
  expect(block.samples).toBe(block.series * 480);
  expect(series.count).toBeGreaterThan(1000);
  expect(await processesThatName('fleetscope-scale-')).toEqual([]);
});

test('P08 the numbers of a quick run of it cannot be published', async () => {
  const { exitCode, stderr } = await node('bench', 'scale', '--quick', '--write');
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('Cannot write the numbers') });
});

test('P08 "npm run size" plans by the committed costs, and refuses what it does not know', async () => {
  const { exitCode, stdout } = await node('size', 'samples=100000,spans=5000,core-hour=0.04', '--json');
  const { parts, monthly } = JSON.parse(stdout) as { parts: { part: string }[]; monthly: object };
  expect({ exitCode, first: parts[0]?.part, priced: Object.keys(monthly) }).toEqual({
    exitCode: 0,
    first: 'collector',
    priced: ['core-hour'],
  });
  expect(await node('size', 'sample=1')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('there are samples'),
  });
});
