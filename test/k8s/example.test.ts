/** What a cluster's owner copies is built as kubectl builds it: k8s/example, in every size. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sizes } from '../../k8s/size.ts';
import { needTool } from '../../native/tool.ts';
import { repository } from '../../scripts/twins.ts';
import { kubernetes } from './tools.ts';

let kubectl: string;
let copy: string;

beforeAll(async () => {
  kubectl = join(await needTool(kubernetes, (line) => process.stderr.write(`${line}\n`)), 'kubectl');
  copy = mkdtempSync(join(tmpdir(), 'fleetscope-example-'));
  for (const name of ['k8s', 'grafana', 'prometheus'])
    cpSync(join(repository, name), join(copy, name), { recursive: true });
}, 900_000);
afterAll(() => rmSync(copy, { recursive: true, force: true }));

interface Found {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: manifests of many kinds.
  readonly spec: any;
}

async function built(folder: string): Promise<{ text: string; all: Found[] }> {
  const { stdout } = await execa(kubectl, ['kustomize', folder]);
  return { text: stdout, all: loadAll(stdout) as Found[] };
}

const example = () => join(copy, 'k8s', 'example');
const change = (name: string, turn: (text: string) => string) => {
  const path = join(example(), name);
  const before = readFileSync(path, 'utf8');
  const after = turn(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
  return () => writeFileSync(path, before);
};

test.each(sizes.map(({ name }) => name))('P03 %s: one file of host names reaches every address', async (size) => {
  const back =
    size === 'single' ? () => undefined : change('kustomization.yaml', (text) => text.replace('single', size));
  const { text, all } = await built(example()).finally(back);
  const one = (kind: string, name: string) => all.find((item) => item.kind === kind && item.metadata.name === name);
  const env = (part: string) => {
    const workload = all.find((item) => /^(StatefulSet|Deployment)$/.test(item.kind) && item.metadata.name === part);
    const list = workload?.spec.template.spec.containers[0].env as {
      name: string;
      value?: string;
      valueFrom?: object;
    }[];
    return Object.fromEntries(list.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
  };
  expect(env('grafana').GF_SERVER_ROOT_URL).toBe('https://grafana.example.org/');
  expect(env('grafana').GF_AUTH_ANONYMOUS_ENABLED).toBe('false');
  expect(env('escalation')).toMatchObject({
    FLEETSCOPE_ESCALATION_URL: 'https://incidents.example.org',
    FLEETSCOPE_GRAFANA_URL: 'https://grafana.example.org/',
  });
  expect(one('Ingress', 'grafana')?.spec).toMatchObject({
    rules: [{ host: 'grafana.example.org' }],
    tls: [{ hosts: ['grafana.example.org'], secretName: 'fleetscope-grafana-tls' }],
  });
  const paths = one('Ingress', 'escalation')?.spec?.rules[0].http.paths;
  // Neither Alertmanager's webhook nor probes.
  expect(paths.map(({ path }: { path: string }) => path)).toEqual(['/incidents', '/links', '/api', '/openapi.json']);
  expect(one('Certificate', 'otlp')?.spec).toMatchObject({
    ...{ dnsNames: ['otlp.example.org'], secretName: 'fleetscope-otlp-tls', issuerRef: { name: 'letsencrypt' } },
  });
  expect(one('Service', 'otlp')?.spec.type).toBe('LoadBalancer');
  expect(text).not.toContain('.invalid');
  expect(one('ConfigMap', 'fleetscope-hosts')).toBeUndefined();
  expect(all.filter(({ metadata }) => metadata.namespace !== 'fleetscope').map(({ kind }) => kind)).toEqual([
    'Namespace',
  ]);
});

test('P03 without host names nothing is built, and the missing one is named', async () => {
  const back = change('hosts.yaml', (text) => text.replace(/^ {2}escalation: .*\n/m, ''));
  await expect(built(example()).finally(back)).rejects.toThrow(
    /escalation.*fleetscope-hosts|fleetscope-hosts.*escalation/s,
  );
});

test.each(sizes.map(({ name }) => name))('P06 %s as it is opens nothing to the world', async (size) => {
  const { all } = await built(join(copy, 'k8s', 'overlays', size));
  expect(all.filter(({ kind }) => kind === 'Ingress')).toEqual([]);
  const services = all.filter(({ kind }) => kind === 'Service');
  expect(services.length).toBeGreaterThan(8);
  for (const { spec } of services) expect(spec.type ?? 'ClusterIP').toBe('ClusterIP');
});
