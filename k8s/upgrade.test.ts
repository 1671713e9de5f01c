import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collector } from '../collector/collector.ts';
import { kubernetes } from '../place.ts';
import { repository } from '../scripts/twins.ts';
import { tempo } from '../tempo/tempo.ts';
import { team } from './size.ts';

const place = kubernetes(team);
const guide = readFileSync(join(repository, 'docs', 'deploy.md'), 'utf8');
const [, chapter = ''] = guide.split('### To certificates between parts, and back\n');
const [forward = '', back = ''] = [...chapter.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, commands]) => commands);

/** To whom somebody sends by HTTP, of those who ask for a certificate. */
function takers(config: object): string[] {
  const hosts = JSON.stringify(config).matchAll(/"(?:endpoint|url)":"https:\/\/(?:[a-z]+-\d+\.)?([a-z]+)[:.]/g);
  return [...new Set([...hosts].map(([, host]) => host as string))].sort();
}

test('P03 P06 the way to certificates: whoever a 400 ends for rolls before those who would answer it, and back after them', () => {
  const stores = takers(collector(place).exporters);
  expect(stores).toEqual(['loki', 'monitor', 'prometheus']);
  // By remote write; to nobody else.
  expect(takers(tempo(place, '3.0'))).toEqual(['prometheus']);

  const [, first = ''] = forward.match(/-l 'app\.kubernetes\.io\/name in \(([^)]+)\)'\n/) ?? [];
  expect(first.split(', ')).toEqual(['collector', 'sampler', 'tempo']);
  expect(forward).toContain('for sender in collector tempo; do');
  const order = [`in (${first})'\nfor sender`, 'rollout status', 'kubectl apply -k deploy/\n'].map((line) =>
    forward.indexOf(line),
  );
  expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
  expect(back).toContain(`-l 'app.kubernetes.io/name notin (${first})'\nfor store in ${stores.join(' ')}; do`);
});

test('P03 P06 in one node nobody asks for a certificate: that order is for larger sizes', () => {
  expect(takers(collector(kubernetes({ ...team, tls: false })).exporters)).toEqual([]);
});
