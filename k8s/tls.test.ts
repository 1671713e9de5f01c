import { expect, test } from 'vitest';
import { kubernetes } from '../place.ts';
import { prometheus } from '../prometheus/prometheus.ts';
import { mutualPorts, type Part, parts, podOf } from '../stack.ts';
import type { Documents } from '../twin.ts';
import { overlay, partsOf } from './overlay.ts';
import { type Size, scale, single, team } from './size.ts';

interface Container {
  name: Part;
  args?: string[];
  ports: { name: string; containerPort: number }[];
  volumeMounts: { name: string; mountPath: string }[];
}

interface Pod {
  containers: Container[];
  volumes: { name: string; secret?: { secretName: string; items: { key: string }[] } }[];
}

function pods(size: Size): [Part, Pod][] {
  const made = overlay(size);
  return partsOf(size).map((part) => {
    const workload = (made[part] as Documents).all.at(-1) as { spec: { template: { spec: Pod } } };
    return [part, workload.spec.template.spec];
  });
}

test.each([team, scale])(
  'P06 $name: every pod has a certificate of its own, in the reach of each container that needs it',
  (size) => {
    for (const [part, { containers, volumes }] of pods(size)) {
      const own = volumes.filter(({ name }) => name.startsWith('fleetscope-tls'));
      expect(own, part).toMatchObject([
        {
          secret: {
            secretName: `fleetscope-tls-${part}`,
            items: ['ca.crt', 'tls.crt', 'tls.key'].map((key) => ({ key })),
          },
        },
      ]);
      for (const { name, volumeMounts } of containers)
        expect(volumeMounts, name).toContainEqual({
          ...{ name: `fleetscope-tls-${part}`, mountPath: '/run/fleetscope/tls', readOnly: true },
        });
    }
  },
);

test('P06 one node has none of it', () => {
  expect(JSON.stringify(overlay(single))).not.toMatch(/fleetscope.tls|https:|web-tls/);
  expect(kubernetes(single).tls).toBeUndefined();
});

test.each([team, scale])('P06 $name: every file of certificates that is named in a command line is mounted', (size) => {
  const named = pods(size).flatMap(([, { containers }]) =>
    containers.flatMap(({ name, args = [], volumeMounts }) =>
      [...args.join(' ').matchAll(/=(\/etc\/fleetscope\/tls|\/run\/fleetscope\/tls)\/\S+/g)].map(([, folder]) => ({
        name,
        isMounted: volumeMounts.some(({ mountPath }) => mountPath === folder),
      })),
    ),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ isMounted }) => !isMounted)).toEqual([]);
});

test.each([team, scale])('P06 $name: Prometheus asks each port as it is, and each part by its own name', (size) => {
  const place = kubernetes(size);
  const jobs = prometheus(place).scrape_configs as { job_name: string; scheme?: string; tls_config?: object }[];
  const ours = jobs.filter(({ job_name }) => job_name in parts);
  expect(ours.length).toBeGreaterThan(10);
  for (const { job_name, scheme, tls_config } of ours) {
    const part = job_name as Part;
    const isMutual = mutualPorts[part]?.includes('http' as never) ?? false;
    expect([part, scheme]).toEqual([part, isMutual ? 'https' : undefined]);
    expect([part, tls_config]).toEqual([
      part,
      isMutual ? expect.objectContaining({ server_name: podOf(part) }) : undefined,
    ]);
  }
  expect(prometheus(place).alerting.alertmanagers).toMatchObject([{ scheme: 'https' }]);
  expect(JSON.stringify(prometheus(kubernetes(single)))).not.toMatch(/https|tls_config/);
});

test('P06 no port is called mutual that a part has not', () => {
  for (const [part, ports] of Object.entries(mutualPorts))
    expect(Object.keys(parts[part as Part].ports), part).toEqual(expect.arrayContaining([...ports]));
});
