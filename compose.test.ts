import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { choiceSecrets } from './place.ts';
import { type Choice, choiceProfiles, choices, defaultProfile, parts } from './stack.ts';

interface Service {
  image: string;
  build?: object;
  pull_policy?: string;
  user?: string;
  group_add?: string[];
  profiles?: string[];
  ports?: string[];
  volumes?: string[];
  mem_limit?: string;
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string | null>;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

const read = (path: string) => load(readFileSync(join(import.meta.dirname, path), 'utf8'));
const { services, volumes } = read('compose.yml') as { services: Record<string, Service>; volumes: object };
const service = (name: string) => services[name] as Service;
const guardOf = (choice: Choice) => `choose-${choice}-by-COMPOSE_PROFILES`;

/** What COMPOSE_PROFILES may be, beside nothing. */
const chosen: { profiles: string; stores: Choice[] }[] = [
  ...choices.map((choice) => ({ profiles: choice, stores: [choice] })),
  { profiles: choices.join(), stores: [...choices] },
  { profiles: [...choices].reverse().join(), stores: [...choices] },
];

describe.each(choices)('P07 %s in Compose', (choice) => {
  const one = service(choice);

  test('is there for its profile alone, with its own image, limit, volume and health', () => {
    expect(one.profiles).toEqual([choice]);
    expect(one.image).toBe(parts[choice].image);
    expect(one.image).toMatch(/:\d+\.\d+\.\d+$/);
    const mib = choiceProfiles[defaultProfile][choice];
    expect(one.mem_limit).toBe(`\${FLEETSCOPE_${choice.toUpperCase()}_MEMORY:-${mib}m}`);
    expect(one.healthcheck?.test[0]).toBe('CMD');
    expect(one.volumes?.some((volume) => volume.startsWith(`${choice}:/`))).toBe(true);
    expect(volumes).toHaveProperty(choice);
  });

  test('is published on loopback, at a port that a variable moves', () => {
    const { http } = parts[choice].ports;
    expect(one.ports).toEqual([
      `\${FLEETSCOPE_BIND:-127.0.0.1}:\${FLEETSCOPE_${choice.toUpperCase()}_HTTP:-${http}}:${http}`,
    ]);
  });

  test('starts only where Collector and Grafana were told as well', () => {
    expect(one.depends_on?.[guardOf(choice)]).toEqual({ condition: 'service_completed_successfully' });
    const { profiles, entrypoint = [] } = service(guardOf(choice));
    expect(profiles).toEqual([choice]);
    const [, , ask = ''] = entrypoint;
    expect(ask).toContain(`case ",$$COMPOSE_PROFILES," in *,${choice},*) exit 0 ;; esac`);
    expect(ask.endsWith('exit 1')).toBe(true);
  });

  test('nothing of ours waits for it', () => {
    const waiting = Object.entries(services).filter(([, { depends_on = {} }]) => choice in depends_on);
    expect(waiting.map(([name]) => name)).toEqual([]);
  });
});

test('P07 whatever COMPOSE_PROFILES may be, Collector and Grafana have a file for it, and for nothing else', () => {
  const { command = [] } = service('collector');
  expect(command).toContain(`--config=/etc/otelcol/copies/\${COMPOSE_PROFILES:-none}.yaml`);
  expect(service('grafana').volumes).toContain(
    `./grafana/choices/\${COMPOSE_PROFILES:-none}.yaml:/etc/grafana/provisioning/datasources/choices.yaml:ro`,
  );
  for (const { profiles, stores } of [...chosen, { profiles: 'none', stores: [] }]) {
    const { exporters = {} } = read(`collector/copies/${profiles}.yaml`) as { exporters?: object };
    const to = Object.keys(exporters).map((name) => name.split('/copy-')[1]);
    expect(to.sort(), profiles).toEqual(stores);
    const { datasources, prune } = read(`grafana/choices/${profiles}.yaml`) as {
      datasources: { type: string }[];
      prune: boolean;
    };
    expect(datasources.map(({ type }) => type).sort(), profiles).toEqual(stores);
    // What is not chosen any more is forgotten.
    expect(prune, profiles).toBe(true);
  }
  expect(() => read('collector/copies/jeager.yaml')).toThrow('ENOENT');
});

test('P07 Elasticsearch asks for passwords that are made by chance, and lets the Collector add and Grafana read, no more', () => {
  const { environment, command = [], volumes: mounts = [] } = service('elasticsearch');
  expect(environment).toMatchObject({ 'discovery.type': 'single-node', 'xpack.security.enabled': 'true' });
  const told = JSON.stringify([environment, command]);
  for (const name of Object.keys(choiceSecrets)) expect(told).toContain(`$$(cat /run/fleetscope/secrets/${name})`);
  // One that is missing ends it, before anything is made of nothing.
  const lines = command.at(-1)?.split('\n') ?? [];
  const checks = Object.keys(choiceSecrets).map((name) =>
    lines.findIndex((line) => line.startsWith(`[ -s /run/fleetscope/secrets/${name} ] ||`)),
  );
  expect(checks.sort()).toEqual([0, 1, 2]);
  const [, , made = ''] = service('volumes').entrypoint ?? [];
  for (const name of Object.keys(choiceSecrets))
    expect(made).toContain(`head -c 32 /dev/urandom | base64 > new; mv new ${name};`);
  // Its owner is Elasticsearch; whoever else reads one has its group: the Collector and Grafana.
  const groups = [...made.matchAll(/chown 1000:(\d+) (elasticsearch-\S+)/g)].map(([, group, name]) => [name, group]);
  expect(groups).toEqual([
    ['elasticsearch-password', '1000'],
    ['elasticsearch-writer-password', '10001'],
    ['elasticsearch-reader-password', '472'],
  ]);
  // To Grafana's image that is no group of its own.
  expect(service('grafana').group_add).toEqual(['472']);
  expect(mounts).toContain('./choices/elasticsearch.yaml:/usr/share/elasticsearch/config/roles.yml:ro');
  const privileges = (role: { indices: { privileges: string[] }[] }) => role.indices.flatMap((one) => one.privileges);
  const roles = read('choices/elasticsearch.yaml') as Record<
    string,
    { cluster?: string[]; indices: { privileges: string[] }[] }
  >;
  expect(Object.entries(roles).map(([name, role]) => [name, role.cluster, privileges(role)])).toEqual([
    ['fleetscope', undefined, ['create_doc', 'auto_configure']],
    ['grafana', ['monitor'], ['read', 'view_index_metadata']],
  ]);
  const collector = JSON.stringify(read('collector/copies/elasticsearch.yaml'));
  expect(collector).toContain(
    '"username":"fleetscope","password_file":"/run/fleetscope/secrets/elasticsearch-writer-password"',
  );
});

test('P01 an image of ours is built where it is not there, and asked of no registry; others are fetched', () => {
  const isOurs = ({ image }: Service) => image.startsWith('fleetscope/');
  const ours = Object.values(services).filter(isOurs);
  expect(ours).toHaveLength(3);
  for (const { pull_policy } of ours) expect(pull_policy).toBe('never');
  for (const one of Object.values(services).filter((one) => !isOurs(one)))
    expect([one.image, one.pull_policy]).toEqual([one.image, undefined]);
  // Of each image one service says how, and whoever has it too waits for that one.
  const built = Object.entries(services).filter(([, { build }]) => build);
  for (const { image } of ours) expect(built.filter(([, one]) => one.image === image)).toHaveLength(1);
  expect(service('memory').depends_on).toHaveProperty('monitor');
});

test('X01 in Compose the memory reads its token by a group that the ledger, of the same user, has not', () => {
  const [, , made = ''] = service('volumes').entrypoint ?? [];
  const [, group] = made.match(/chown 10002:(\d+) escalation-api-token/) ?? [];
  expect(service('memory').group_add).toEqual([group, `\${FLEETSCOPE_MEMORY_GROUP:-10003}`]);
  expect(service('memory').user).toBe(service('monitor').user);
  expect(service('monitor').group_add).toBeUndefined();
  expect(service('monitor').user).not.toContain(group);
});
