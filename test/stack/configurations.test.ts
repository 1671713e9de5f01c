import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertmanager } from '../../alertmanager/alertmanager.ts';
import { collector } from '../../collector/collector.ts';
import { sampler } from '../../collector/sampler.ts';
import type { Programs } from '../../engine/processes.ts';
import { sizes } from '../../k8s/size.ts';
import { loki } from '../../loki/loki.ts';
import { minor } from '../../native/binaries.ts';
import { compose, kubernetes, native, type Place, portSettings } from '../../place.ts';
import { prometheus } from '../../prometheus/prometheus.ts';
import type { TempoLine } from '../../tempo/line.ts';
import { tempo } from '../../tempo/tempo.ts';
import { yaml } from '../../twin.ts';
import { programs } from './stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-configurations-'));
let found: Programs;

beforeAll(async () => {
  found = await programs();
});
afterAll(() => rmSync(folder, { recursive: true }));

const places: [string, Place][] = [
  ['compose', compose],
  [
    'native',
    native({
      home: folder,
      profile: 'laptop',
      portOf: (setting) => portSettings.get(setting)?.default as number,
    }),
  ],
];

describe.each(places)('%s', (_, place) => {
  const cases: [string, () => { good: object; broken: object; check: (file: string) => [string, string[]] }][] = [
    [
      'otelcol validate',
      () => ({
        good: collector(place),
        broken: { ...collector(place), exporters: {} },
        check: (file) => [program('collector'), ['validate', `--config=${file}`]],
      }),
    ],
    [
      'promtool check config',
      () => ({
        good: prometheus(place),
        broken: { ...prometheus(place), scrape_configs: [{ job_name: 'twice' }, { job_name: 'twice' }] },
        check: (file) => [beside('prometheus', 'promtool'), ['check', 'config', file]],
      }),
    ],
    [
      'amtool check-config',
      () => ({
        good: alertmanager(place),
        broken: { ...alertmanager(place), route: { receiver: 'nobody' } },
        check: (file) => [beside('alertmanager', 'amtool'), ['check-config', file]],
      }),
    ],
    [
      'loki -verify-config',
      () => ({
        good: loki(place),
        broken: { ...loki(place), schema_config: { configs: [] } },
        check: (file) => [program('loki'), ['-verify-config', `-config.file=${file}`]],
      }),
    ],
    [
      'tempo -config.verify',
      () => {
        const line = minor(found.tempo?.version as string) as TempoLine;
        // Each line refuses the other's keys: the shipped 3.0 form is the broken one for 2.8, and the reverse.
        const other: TempoLine = line === '2.8' ? '3.0' : '2.8';
        return {
          good: tempo(place, line),
          broken: tempo(place, other),
          check: (file) => [program('tempo'), ['-config.verify', `-config.file=${file}`]],
        };
      },
    ],
  ];

  test.each(cases)('P02 %s accepts ours and refuses a broken one', async (name, make) => {
    const { good, broken, check } = make();
    expect(await verdict(good, check), `${name} on our configuration`).toMatchObject({ exitCode: 0 });
    expect((await verdict(broken, check)).exitCode, `${name} on a broken one`).not.toBe(0);
  });
});

test.each(sizes)('P03 otelcol validate accepts both tiers of $name, and refuses a broken one', async (size) => {
  const place: Place = { ...kubernetes(size), data: (part) => join(folder, part) };
  const check = (file: string): [string, string[]] => [program('collector'), ['validate', `--config=${file}`]];
  for (const config of [collector(place), ...(place.has('sampler') ? [sampler(place)] : [])]) {
    expect(await verdict(config, check)).toMatchObject({ exitCode: 0 });
    expect((await verdict({ ...config, exporters: {} }, check)).exitCode).not.toBe(0);
    if (!place.tls) continue;
    // The files of certificates are not looked at, what is said of them is.
    const misspelt = JSON.stringify(config).replace('"server_name_override"', '"server_name_overide"');
    expect((await verdict(JSON.parse(misspelt), check)).all).toContain('server_name_overide');
  }
});

async function verdict(config: object, check: (file: string) => [string, string[]]) {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, yaml(config));
  const [command, args] = check(file);
  const { exitCode, all } = await execa(command, args, { reject: false, all: true });
  return { exitCode, all };
}

function program(component: 'collector' | 'tempo' | 'loki' | 'prometheus' | 'alertmanager'): string {
  return found[component]?.program as string;
}

/** The checker that is built with a server. */
function beside(component: 'prometheus' | 'alertmanager', tool: string): string {
  return join(dirname(program(component)), tool);
}
