import { expect, test } from 'vitest';
import { type Size, scale, team } from '../k8s/size.ts';
import { kubernetes } from '../place.ts';
import { p08, readInput } from './scale-input.ts';
import { plan } from './scale-plan.ts';
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
