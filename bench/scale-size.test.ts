import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Size, scale, single, team } from '../k8s/size.ts';
import { kubernetes } from '../place.ts';
import { bridgedMinutes, bridgingMib, daysThatLast, lastingSamples } from './scale-claims.ts';
import { p08, readInput } from './scale-input.ts';
import { plan } from './scale-plan.ts';
import { planTables, withPlans } from './scale-plan-tables.ts';
import { readUnits } from './scale-units.ts';

/** What of the plan at the targets of P08 a size has not. */
function lacks(size: Size): string[] {
  const [units, place] = [readUnits(), kubernetes(size)];
  return plan(units, readInput(p08, units)).parts.flatMap(({ part, replicas, each }) => {
    const has = Math.max(size.replicas[part] ?? 0, size.most[part] ?? 0);
    const gib = Number.parseFloat(size.storage[part] ?? '0');
    return [
      ...(has < replicas ? [`${part}: ${has} of ${replicas} replicas`] : []),
      ...(place.has(part) && place.memoryMib(part) < each.memoryMib
        ? [`${part}: ${place.memoryMib(part)} of ${Math.ceil(each.memoryMib)} MiB`]
        : []),
      ...(gib < each.diskGib ? [`${part}: ${gib} of ${Math.ceil(each.diskGib)} GiB`] : []),
    ];
  });
}

test('P08 the size "scale" has the replicas, the memory and the disks that its targets need', () => {
  expect(lacks(scale)).toEqual([]);
});

test('P08 a smaller one has not, and what is missing is named', () => {
  expect(lacks({ ...team, profile: 'laptop', storage: { ...team.storage, prometheus: '1Gi' } })).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^prometheus: 512 of \d+ MiB$/),
      expect.stringMatching(/^prometheus: 1 of \d+ GiB$/),
    ]),
  );
});

const document = (name: string) => readFileSync(join(import.meta.dirname, '..', 'docs', name), 'utf8');

test('P08 the queues of "scale" bridge the outage that is planned, of every signal; those of "team" do not', () => {
  const [units, input] = [readUnits(), readInput(p08, readUnits())];
  const outage = input.outageHours * 60;
  const short = (size: Size) => Object.values(bridgedMinutes(size, input, units)).filter((minutes) => minutes < outage);
  expect(short(scale)).toEqual([]);
  expect(short(team)).toHaveLength(3);
  // Three of 8 GiB, of 100 000 samples a second.
  const minutes = (3 * 8 * 2 ** 30) / (100_000 * units.bytesIn.samples) / 60;
  expect(bridgedMinutes(scale, input, units).samples).toBeCloseTo(minutes);
  expect(bridgingMib(scale, input, units) / 8192).toBeCloseTo(outage / bridgedMinutes(scale, input, units).logs);
  for (const [size, of] of [
    [scale, ' of P08'],
    [team, '.'],
  ] as const)
    expect(document('scale.md')).toContain(`${bridgedMinutes(size, input, units).logs.toFixed(0)} minutes${of}`);
  // Not a signal, no bound.
  const rest = planTables(plan(units, input), { ...input, spansPerSecond: 0 }, units);
  expect(rest).toMatch(/\| `team` \| 2 \| 2 048 \| \*\*\d+\*\* \| \*\*\d+\*\* \| {2}\|/);
});

test('P08 the claim of Prometheus holds every day that budgets look back on, at what the documents say', () => {
  const [units, rate] = [readUnits(), readInput(p08, readUnits()).samplesPerSecond];
  expect(daysThatLast(scale, rate, units)).toBe(31);
  expect(daysThatLast({ ...scale, storage: { ...scale.storage, prometheus: '200Gi' } }, rate, units)).toBeLessThan(8);
  expect(daysThatLast(single, 1, units)).toBe(30);
  expect(daysThatLast(team, lastingSamples(team, units) * 2, units)).toBeLessThan(16);
  const thousand = Math.round(lastingSamples(team, units) / 1000);
  for (const name of ['scale.md', 'long-term.md'])
    expect(document(name), name).toContain(`some ${thousand} 000 samples a second`);
});

test('P08 docs/scale.md has the plans of the committed costs; else: npm run size -- --write', () => {
  const text = document('scale.md');
  expect(withPlans(text, readUnits())).toBe(text);
  expect(withPlans(text, { ...readUnits(), aheadBytes: 1000 })).not.toBe(text);
  expect(() => withPlans('nothing', readUnits())).toThrow(/Put them back/);
});
