import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EditedCopy, editedCopy } from './edited-copy.ts';

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

let copy: EditedCopy;
beforeAll(() => {
  copy = editedCopy();
});
afterAll(() => copy.remove());

test('P03 a port, an image and a retention changed in stack.ts reach Compose, native and Kubernetes by npm run generate, and nothing else changes', {
  timeout: 180_000,
}, async () => {
  const before = copy.texts('yml', 'yaml', 'json', 'md');
  copy.edit('stack.ts', (facts) =>
    changes.reduce((text, { edit: [from, to] }) => {
      expect(text.split(from), from).toHaveLength(2);
      return text.replace(from, to);
    }, facts),
  );
  await copy.generate();

  const changed = [...before].filter(([path, text]) => copy.read(path) !== text).map(([path]) => path);
  for (const { what, reads, reaches } of changes) {
    const reached = changed.filter((path) => reads.some(([, now]) => copy.read(path).includes(now)));
    expect(reached, what).toEqual(expect.arrayContaining([...reaches]));
  }
  const back = (text: string) =>
    changes.flatMap(({ reads }) => [...reads]).reduce((all, [old, now]) => all.replaceAll(now, old), text);
  expect(
    changed.filter((path) => back(copy.read(path)) !== before.get(path)),
    'files in which something else has changed as well',
  ).toEqual([]);
  // What `npm run up` renders when it starts is no file of the repository.
  expect(await copy.ask(native)).toEqual([3297, expect.stringContaining('9528h')]);
});

const native = `
import { loki } from './loki/loki.ts';
import { native, portsFrom } from './place.ts';
const place = native({ home: '/tmp', profile: 'laptop', portOf: portsFrom({}) });
console.log(JSON.stringify([place.port('tempo', 'http'), JSON.stringify(loki(place))]));
`;
