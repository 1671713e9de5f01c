import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { sizes } from '../../k8s/size.ts';
import { waivers } from '../../k8s/waivers.ts';
import { needTool } from '../../native/tool.ts';
import { repository } from '../../scripts/twins.ts';
import { kubernetes, kubernetesVersion, kubeScore } from './tools.ts';

interface Scored {
  object_name: string;
  object_meta: { name: string };
  checks: { check: { id: string }; grade: number; skipped: boolean; comments: { path: string; summary: string }[] }[];
}

interface Finding {
  rule: string;
  part: string;
  text: string;
}

const folders = [...sizes.map(({ name }) => `overlays/${name}`), 'fleet'];
const notice = (line: string) => process.stderr.write(`${line}\n`);
const bin = { kubectl: '', kubeScore: '' };
const found = new Map<string, Finding[]>();

beforeAll(async () => {
  bin.kubectl = join(await needTool(kubernetes, notice), 'kubectl');
  bin.kubeScore = join(await needTool(kubeScore, notice), 'kube-score');
  for (const folder of folders) found.set(folder, await scan(await rendered(folder)));
});

async function rendered(folder: string): Promise<string> {
  const { stdout } = await execa(bin.kubectl, ['kustomize', join(repository, 'k8s', folder)]);
  return stdout;
}

/** What is less than all right, with `ok` of ten points as its best. */
async function scan(manifests: string): Promise<Finding[]> {
  const version = `v${kubernetesVersion.split('.').slice(0, 2).join('.')}`;
  const asked = ['score', '--kubernetes-version', version, '--output-format', 'json'];
  const { stdout } = await execa(
    bin.kubeScore,
    [...asked, '--enable-optional-test', 'container-seccomp-profile', '-'],
    {
      input: manifests,
      reject: false,
    },
  );
  return (JSON.parse(stdout) as Scored[]).flatMap(({ object_name, object_meta, checks }) =>
    checks
      .filter(({ grade, skipped }) => grade < 10 && !skipped)
      .map(({ check, comments }) => ({
        rule: check.id,
        part: object_meta.name,
        text: `${object_name}: ${check.id}: ${(comments ?? []).map(({ path, summary }) => `${path} ${summary}`).join('; ')}`,
      })),
  );
}

const isWaived = ({ rule, part }: Finding) =>
  waivers.some((waiver) => waiver.rule === rule && (waiver.parts === 'all' || waiver.parts.includes(part as never)));

describe.each(folders)('P03 kube-score on %s', (folder) => {
  test('P03 it finds nothing but what is waived with a reason', () => {
    expect((found.get(folder) ?? []).filter((one) => !isWaived(one)).map(({ text }) => text)).toEqual([]);
  });
});

test('P03 each waiver, and each part of it, is still needed', () => {
  const all = [...found.values()].flat();
  const unused = waivers.flatMap(({ rule, parts }) =>
    (parts === 'all' ? ['all'] : parts)
      .filter((part) => !all.some((one) => one.rule === rule && (part === 'all' || one.part === part)))
      .map((part) => `${rule} of ${part}`),
  );
  expect(unused).toEqual([]);
});

test('P03 the scan sees a privileged container, a writable root and an image that moves', async () => {
  const bad = (await rendered('overlays/single'))
    .replace('readOnlyRootFilesystem: true', 'privileged: true')
    .replace(/image: grafana\/loki:\S+/, 'image: grafana/loki:latest');
  const rules = new Set((await scan(bad)).filter((one) => !isWaived(one)).map(({ rule }) => rule));
  expect([...rules].sort()).toEqual([
    'container-image-tag',
    'container-security-context-privileged',
    'container-security-context-readonlyrootfilesystem',
  ]);
});
