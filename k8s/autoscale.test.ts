import { expect, test } from 'vitest';
import { kubernetes } from '../place.ts';
import { autoscaler } from './autoscale.ts';
import { overlay, partsOf } from './overlay.ts';
import { scale, single, team } from './size.ts';

test('P03 the Collectors of scale grow by their load, and shrink by hand alone', () => {
  const [scaler] = autoscaler('collector', kubernetes(scale), scale);
  expect(scaler?.spec).toMatchObject({
    scaleTargetRef: { kind: 'StatefulSet', name: 'collector' },
    minReplicas: scale.replicas.collector,
    maxReplicas: scale.most.collector,
    behavior: { scaleDown: { selectPolicy: 'Disabled' } },
  });
  // Two that set the number would fight: an apply would take away what load has added.
  expect(JSON.stringify(overlay(scale).collector)).not.toContain('"replicas"');
});

test('P03 nothing else is scaled by itself, and no part of the smaller sizes', () => {
  for (const size of [single, team, scale]) {
    const scaled = partsOf(size).filter((part) => autoscaler(part, kubernetes(size), size).length > 0);
    expect(scaled).toEqual(size === scale ? ['collector'] : []);
  }
});

test('P03 a volume outlives its Collector, so that what is on it is sent when it is back', () => {
  expect(JSON.stringify(overlay(scale).collector)).toContain('"whenScaled":"Retain"');
});
