import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { loadAll } from 'js-yaml';
import { beforeAll, describe, expect, test } from 'vitest';
import { needTool } from '../../native/tool.ts';
import { repository } from '../../scripts/twins.ts';
import { type Check, checkOf, checkOfCertManager, kubernetesVersions } from './schemas.ts';
import { kubernetes } from './tools.ts';

const k8s = join(repository, 'k8s');
const folders = ['base', 'fleet', ...readdirSync(join(k8s, 'overlays')).map((name) => `overlays/${name}`)];
let objects: Map<string, { apiVersion: string; kind: string; metadata: { name: string } }[]>;

beforeAll(async () => {
  const kubectl = join(await needTool(kubernetes, (line) => process.stderr.write(`${line}\n`)), 'kubectl');
  objects = new Map();
  for (const folder of folders) {
    const { stdout } = await execa(kubectl, ['kustomize', join(k8s, folder)]);
    objects.set(folder, loadAll(stdout) as never);
  }
});

describe.each(kubernetesVersions)('Kubernetes %s', (version) => {
  let check: Check;
  beforeAll(async () => {
    check = await checkOf(version);
  });

  test.each(folders)('P03 it knows every object and every field of k8s/%s', (folder) => {
    const found = (objects.get(folder) ?? []).flatMap((object) =>
      check(object).map((wrong) => `${object.kind} ${object.metadata.name}: ${wrong}`),
    );
    expect(found).toEqual([]);
    expect(objects.get(folder)?.length).toBeGreaterThan(folder === 'fleet' ? 4 : 10);
  });

  test('P03 a field that it does not know, a value of another type and a missing field are seen', () => {
    const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'one' } };
    expect(check({ ...budget, ...{ spec: { maxUnavailable: 1 } } })).toEqual([]);
    expect(check({ ...budget, ...{ spec: { maxUnavailible: 1 } } }).join()).toMatch(/maxUnavailible/);
    expect(check({ ...budget, ...{ spec: { selector: 'all' } } }).join()).toMatch(/must be object/);
    const policy = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'one' }, spec: {} };
    expect(check(policy).join()).toMatch(/required/);
    expect(check({ apiVersion: 'policy/v1beta1', kind: 'PodDisruptionBudget' })).toHaveLength(1);
  });
});

test('P06 cert-manager knows every object and every field that is asked of it', async () => {
  const check = await checkOfCertManager();
  for (const component of ['cert-manager', 'parts-certificates']) {
    const file = join(k8s, 'components', component, 'certificates.yaml');
    const all = loadAll(readFileSync(file, 'utf8')) as { apiVersion: string; kind: string; spec: object }[];
    expect(all.length).toBeGreaterThan(2);
    expect(all.flatMap(check)).toEqual([]);
    const [one] = all.filter(({ kind }) => kind === 'Certificate');
    expect(check({ ...one, spec: { ...one?.spec, dnsName: 'loki' } } as never).join()).toMatch(/dnsName/);
    expect(check({ ...one, kind: 'Certifikate' } as never).join()).toMatch(/not known/);
  }
});

test('P03 the cluster of the other tests is one of these versions', () => {
  const pinned = readFileSync(join(repository, 'native', 'kubernetes', 'go.mod'), 'utf8');
  expect(kubernetesVersions.filter((version) => pinned.includes(`k8s.io/kubernetes v${version}`))).toHaveLength(1);
});
