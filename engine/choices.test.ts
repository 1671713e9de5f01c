import { expect, test } from 'vitest';
import { native, portSettings } from '../place.ts';
import { type Choice, choiceProfiles, defaultProfile, goMemoryShare, parts, profiles } from '../stack.ts';
import { limitsLine } from './addresses.ts';
import { copiesOf } from './copies.ts';
import { chosenEnv, composeEnv } from './docker.ts';
import { processes } from './processes.ts';

const placeWith = (...chosen: Choice[]) =>
  native({
    home: '/home',
    profile: 'laptop',
    portOf: (setting) => portSettings.get(setting)?.default as number,
    chosen,
  });
const acquired = { program: '/bin/jaeger', version: parts.jaeger.native.release, from: 'cache' } as const;

test('P07 a native stack has Jaeger where it was chosen, on a port and a disk of its own', () => {
  const [one, ...more] = processes(placeWith('jaeger'), { jaeger: acquired }, '/home');
  expect(more).toEqual([]);
  expect(one).toMatchObject({
    component: 'jaeger',
    args: ['--config=/home/config/jaeger.yaml'],
    env: { GOMEMLIMIT: `${Math.floor(choiceProfiles.laptop.jaeger * goMemoryShare)}MiB` },
    folders: ['/home/data/jaeger'],
    readyUrl: `http://127.0.0.1:${parts.jaeger.ports.health}/status`,
    needs: [],
  });
  expect(one?.files['/home/config/jaeger.yaml']).toContain('/home/data/jaeger/keys');
  expect(processes(placeWith(), {}, '/home')).toEqual([]);
});

test('P07 where Jaeger was chosen the Collector sends it traces, elsewhere nothing', () => {
  const of = (...chosen: Choice[]) => copiesOf({}, placeWith(...chosen), (name) => `/home/config/${name}`);
  expect(of().args).toEqual([]);
  const { args, files } = of('jaeger');
  expect(args).toEqual(['--config=/home/config/copy-jaeger.yaml']);
  expect(files['/home/config/copy-jaeger.yaml']).toContain(`endpoint: 127.0.0.1:${parts.jaeger.ports.otlp}`);
});

test('P07 where Jaeger was chosen Grafana has its data source, elsewhere forgets it', () => {
  const of = (...chosen: Choice[]) => {
    const grafana = { program: 'grafana', version: '13.2.3', from: 'PATH' } as const;
    const [one] = processes(placeWith(...chosen), { grafana }, '/home');
    return one?.files['/home/config/grafana/datasources/choices.yaml'];
  };
  expect(of('jaeger')).toContain('type: jaeger');
  expect(of()).toBe('apiVersion: 1\nprune: true\ndatasources: []\n');
});

test('P07 no two ports of what may run on one machine are the same', () => {
  const ports = [...portSettings.values()].map((setting) => setting.default);
  expect(new Set(ports).size).toBe(ports.length);
});

test('P07 Compose is told what was chosen in an order that it has files for; where nothing was, its own variable stands', () => {
  expect(chosenEnv(['jaeger', 'elasticsearch', 'jaeger'])).toEqual({ COMPOSE_PROFILES: 'elasticsearch,jaeger' });
  expect(chosenEnv([])).toEqual({});
});

test('B13 what was chosen has a limit by profile, and counts in what `up` prints', () => {
  expect(composeEnv('team', () => 4003)).toMatchObject({
    FLEETSCOPE_JAEGER_MEMORY: `${choiceProfiles.team.jaeger}m`,
    FLEETSCOPE_JAEGER_GOMEMLIMIT: `${Math.floor(choiceProfiles.team.jaeger * goMemoryShare)}MiB`,
    FLEETSCOPE_ELASTICSEARCH_MEMORY: `${choiceProfiles.team.elasticsearch}m`,
    FLEETSCOPE_ELASTICSEARCH_HEAP: `-Xms${choiceProfiles.team.elasticsearch / 2}m -Xmx${choiceProfiles.team.elasticsearch / 2}m`,
  });
  const state = { engine: 'docker', profile: defaultProfile, startedAt: '', ports: {}, components: {} } as const;
  const ours = Object.values(profiles[defaultProfile]).reduce((sum, mib) => sum + mib, 0);
  const all = ours + choiceProfiles[defaultProfile].jaeger;
  expect(limitsLine({ ...state, chosen: ['jaeger'] })).toContain(`${defaultProfile}: ${all} MiB`);
  expect(limitsLine(state)).toContain(`${defaultProfile}: ${ours} MiB`);
});
