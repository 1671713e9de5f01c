import { describe, expect, test } from 'vitest';
import { Documents } from '../twin.ts';
import type { Manifest } from './manifest.ts';
import { overlay, partsOf } from './overlay.ts';
import { hasSiblings, sizes } from './size.ts';

describe.each(sizes)('P03 $name', (size) => {
  const all = Object.values(overlay(size)).flatMap((one) => (one instanceof Documents ? (one.all as Manifest[]) : []));
  const named = (kind: string) => all.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);
  const several = partsOf(size).filter((part) => hasSiblings(size, part));

  test('P03 who has siblings has a budget; who runs once has none, which would stop each drain for ever', () => {
    expect(named('PodDisruptionBudget').sort()).toEqual([...several].sort());
  });

  test('P03 who has siblings is spread, and serves while they hear of its end', () => {
    for (const { kind, metadata, spec } of all) {
      if (kind !== 'StatefulSet' && kind !== 'Deployment') continue;
      const pod = (spec as { template: { spec: Record<string, unknown> } }).template.spec;
      const [main] = pod.containers as { lifecycle?: object }[];
      const expected = several.includes(metadata.name as never);
      expect([metadata.name, 'topologySpreadConstraints' in pod, !!main?.lifecycle]).toEqual([
        metadata.name,
        expected,
        expected,
      ]);
    }
  });
});
