import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repository } from '../scripts/twins.ts';

/** What a person edits in stack.ts, and how the old value and the new one read in what is generated. */
const changes = [
  {
    what: 'a port',
    edit: ['ports: { http: 3200,', 'ports: { http: 3297,'],
    reads: [['3200', '3297']],
    reaches: ['compose.yml', 'k8s/base/services.yaml', 'k8s/overlays/single/tempo.yaml', 'tempo/tempo.yaml'],
  },
  {
    what: 'an image',
    edit: ["image: 'grafana/loki:3.7.8'", "image: 'grafana/loki:3.7.97'"],
    reads: [['3.7.8', '3.7.97']],
    reaches: ['compose.yml', 'k8s/overlays/single/loki.yaml', 'k8s/overlays/scale/loki.yaml'],
  },
  {
    what: 'a retention',
    edit: ['security: 365, audit', 'security: 397, audit'],
    reads: [
      ['8760h', '9528h'],
      ['365', '397'],
    ],
    reaches: ['loki/loki.yaml', 'k8s/overlays/single/config/loki.yaml', 'k8s/overlays/team/config/loki.yaml'],
  },
] as const;

let copy: string;
const read = (path: string) => readFileSync(join(copy, path), 'utf8');

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'fleetscope-copy-'));
  const { stdout } = execaSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: repository });
  // Git lists a file that was renamed until that is committed.
  const files = stdout.split('\n').filter((path) => existsSync(join(repository, path)));
  for (const path of files) cpSync(join(repository, path), join(copy, path), { force: true });
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('P03 a port, an image and a retention changed in stack.ts reach Compose, native and Kubernetes by npm run generate, and nothing else changes', {
  timeout: 180_000,
}, async () => {
  const { stdout: list } = await execa('git', ['ls-files', '*.yml', '*.yaml', '*.json', '*.md'], { cwd: repository });
  const before = new Map(list.split('\n').map((path) => [path, read(path)]));
  for (const { edit } of changes) {
    const [from, to] = edit;
    const facts = read('stack.ts');
    expect(facts.split(from), from).toHaveLength(2);
    writeFileSync(join(copy, 'stack.ts'), facts.replace(from, to));
  }
  await execa(process.execPath, ['scripts/generate.ts'], { cwd: copy });

  const changed = [...before].filter(([path, text]) => read(path) !== text).map(([path]) => path);
  for (const { what, reads, reaches } of changes) {
    const reached = changed.filter((path) => reads.some(([, now]) => read(path).includes(now)));
    expect(reached, what).toEqual(expect.arrayContaining([...reaches]));
  }
  const back = (text: string) =>
    changes.flatMap(({ reads }) => [...reads]).reduce((all, [old, now]) => all.replaceAll(now, old), text);
  expect(
    changed.filter((path) => back(read(path)) !== before.get(path)),
    'files in which something else has changed as well',
  ).toEqual([]);
  // What `npm run up` renders when it starts is no file of the repository.
  const { stdout: natively } = await execa(process.execPath, ['--input-type=module', '--eval', native], { cwd: copy });
  expect(JSON.parse(natively)).toEqual([3297, expect.stringContaining('9528h')]);
});

const native = `
import { loki } from './loki/loki.ts';
import { native, portsFrom } from './place.ts';
const place = native({ home: '/tmp', profile: 'laptop', portOf: portsFrom({}) });
console.log(JSON.stringify([place.port('tempo', 'http'), JSON.stringify(loki(place))]));
`;
