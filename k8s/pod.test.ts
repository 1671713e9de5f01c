import { describe, expect, test } from 'vitest';
import { Documents } from '../twin.ts';
import type { Manifest } from './manifest.ts';
import { overlay } from './overlay.ts';
import { sizes } from './size.ts';

interface Template {
  metadata: { annotations?: Record<string, string> };
  spec: { containers: { name: string }[] };
}

describe.each(sizes)('P03 $name', (size) => {
  const all = Object.values(overlay(size)).flatMap((one) => (one instanceof Documents ? (one.all as Manifest[]) : []));

  test('P03 where a pod has a second container, kubectl means that of the part', () => {
    const several: string[] = [];
    for (const { kind, metadata, spec } of all) {
      if (kind !== 'StatefulSet' && kind !== 'Deployment') continue;
      const { metadata: told, spec: pod } = (spec as { template: Template }).template;
      const main = told.annotations?.['kubectl.kubernetes.io/default-container'];
      const names = pod.containers.map(({ name }) => name);
      expect([metadata.name, main]).toEqual([metadata.name, names.length > 1 ? metadata.name : undefined]);
      if (main) expect(names).toContain(main);
      if (main) several.push(main);
    }
    expect(several).toContain('monitor');
  });
});
