/** What the components of choices make of an overlay, as kustomize puts them together. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { load, loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sizes } from '../../k8s/size.ts';
import { needTool } from '../../native/tool.ts';
import { repository } from '../../scripts/twins.ts';
import { type Check, checkOf, kubernetesVersions } from './schemas.ts';
import { kubernetes } from './tools.ts';

interface Found {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  spec?: { template: { spec: { containers: Container[]; volumes: { name: string }[] } } };
}
interface Container {
  args: string[];
  env: { name: string }[];
  volumeMounts: { name: string; mountPath: string }[];
}

const choices = ['jaeger', 'second-backend', 'elasticsearch', 'scrape-targets'];
// Kustomize knows no absolute paths.
const folder = mkdtempSync(join(repository, 'k8s', 'choices-'));
afterAll(() => rmSync(folder, { recursive: true }));
let kubectl: string;
let checks: Check[];
beforeAll(async () => {
  kubectl = join(await needTool(kubernetes, (line) => process.stderr.write(`${line}\n`)), 'kubectl');
  checks = await Promise.all(kubernetesVersions.map(checkOf));
});

async function build(size: string, components: string[]): Promise<Found[]> {
  const k8s = relative(folder, join(repository, 'k8s'));
  const kustomization = {
    ...{ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' },
    resources: [`${k8s}/overlays/${size}`],
    components: components.map((name) => `${k8s}/components/${name}`),
  };
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
  return loadAll((await execa(kubectl, ['kustomize', folder])).stdout) as Found[];
}

const pod = (all: Found[], name: string) => {
  const found = all.find(({ kind, metadata }) => /^(StatefulSet|Deployment)$/.test(kind) && metadata.name === name);
  if (!found?.spec) throw new Error(`Cannot look at ${name}: it has no pods.`);
  const { containers, volumes } = found.spec.template.spec;
  return { ...(containers[0] as Container), volumes };
};
const config = (all: Found[], name: string) =>
  all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith(`${name}-`))?.data ?? {};
const names = (all: Found[], kind: string) =>
  all.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);

describe.each(sizes.map(({ name }) => name))('%s', (size) => {
  test('P07 all choices together: an argument, a file and a way out for each, in objects that Kubernetes knows', async () => {
    const all = await build(size, choices);
    const { args, env, volumeMounts, volumes } = pod(all, 'collector');
    const copies = ['jaeger', 'second', 'elasticsearch'];
    expect(args.slice(-3)).toEqual(copies.map((copy) => `--config=/etc/otelcol/${copy}.yaml`));
    const files = config(all, 'collector');
    for (const copy of copies) expect(load(files[`${copy}.yaml`] as string), copy).toHaveProperty('exporters');
    expect(files['collector.yaml']).toContain('forward/stores');
    const there = ['data', ...volumes.map(({ name }) => name)];
    for (const { name } of volumeMounts) expect(there).toContain(name);
    expect(env.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['FLEETSCOPE_SECOND_OTLP_ENDPOINT', 'FLEETSCOPE_ELASTICSEARCH_URL']),
    );
    expect(config(all, 'grafana-datasources')['jaeger.yaml']).toContain('http://jaeger:16686');
    expect(pod(all, 'prometheus').volumeMounts.map(({ mountPath }) => mountPath)).toEqual(
      expect.arrayContaining(['/etc/fleetscope/scrape/targets', '/etc/fleetscope/scrape/slow']),
    );
    expect(names(all, 'NetworkPolicy')).toEqual(
      expect.arrayContaining([
        ...['jaeger', 'collector-to-jaeger', 'grafana-to-jaeger', 'collector-to-second-backend'],
        ...['collector-to-elasticsearch', 'prometheus-to-scrape-targets'],
      ]),
    );
    expect(checks.flatMap((check) => all.flatMap((one) => check(one)))).toEqual([]);
  });

  test('P07 without them nothing of it is there', async () => {
    const all = await build(size, []);
    expect(pod(all, 'collector').args).toEqual(['--config=/etc/otelcol/collector.yaml']);
    expect(Object.keys(config(all, 'collector'))).toEqual(['collector.yaml']);
    expect(names(all, 'NetworkPolicy').filter((name) => name.includes('-to-') || name === 'jaeger')).toEqual([]);
  });
});
