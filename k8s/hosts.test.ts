import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, 'components');

interface Replacing {
  readonly replacements?: readonly {
    readonly targets: readonly { readonly select: { readonly kind: string; readonly name: string } }[];
  }[];
}

/** `Ingress grafana`, for each place that a host name of the cluster's owner is written to. */
function targets(component: string): string[] {
  const { replacements = [] } = load(readFileSync(join(folder, component, 'kustomization.yaml'), 'utf8')) as Replacing;
  return replacements.flatMap((one) => one.targets.map(({ select }) => `${select.kind} ${select.name}`));
}

test('P03 host names are written to objects named one by one: a pattern finds nothing in an older kubectl', () => {
  const all = readdirSync(folder).flatMap(targets);
  expect(all.length).toBeGreaterThan(10);
  expect(all.filter((one) => !/^[A-Za-z]+ [a-z\d-]+$/.test(one))).toEqual([]);
});

test("P03 an issuer is written into the three Certificates that are ours, and into no other's", () => {
  const found = new Set(targets('cert-manager'));
  expect([...found].sort()).toEqual(['Certificate escalation', 'Certificate grafana', 'Certificate otlp']);
});

test('P03 whatever kind a size makes of Grafana, its own address follows', () => {
  expect(targets('ingress')).toEqual(expect.arrayContaining(['StatefulSet grafana', 'Deployment grafana']));
});
