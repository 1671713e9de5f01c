import { expect, test } from 'vitest';
import { monitorEnv } from '../monitor/ingest/settings.ts';
import { compose } from '../place.ts';
import { groups } from '../prometheus/groups.ts';
import { alertsOf } from '../prometheus/kit/group.ts';
import { severities as ruleSeverities, teams as ruleTeams } from '../prometheus/kit/severity.ts';
import { targets } from '../prometheus/targets.ts';
import { identity, inhibitRules, named } from './inhibition.ts';
import { receiverOf, receivers, routes, severities, teams } from './routes.ts';

const alerts = groups(targets).flatMap(alertsOf);

test('X01 there is a route for every severity and team that rules have, most urgent first', () => {
  expect(Object.keys(severities)).toEqual(ruleSeverities);
  expect(Object.keys(teams).sort()).toEqual(Object.keys(ruleTeams).sort());
});

test('X01 every receiver is named once and has a route', () => {
  expect(receivers).toEqual([...new Set(receivers)]);
  expect([...new Set(routes.map(({ receiver }) => receiver))].sort()).toEqual(
    receivers.filter((name) => name !== 'unrouted').sort(),
  );
});

test('X02 what is urgent is told at any hour, what is not waits for the day; security does not wait', () => {
  const route = (team: keyof typeof teams, severity: keyof typeof severities) =>
    routes.find(({ receiver }) => receiver === receiverOf(team, severity));
  for (const severity of ['critical', 'high'] as const) {
    expect(route('fleet', severity)).not.toHaveProperty('mute_time_intervals');
    expect(route('fleet', severity)).toMatchObject({ repeat_interval: '4h' });
  }
  expect(route('fleet', 'warning')).toMatchObject({
    repeat_interval: '24h',
    mute_time_intervals: ['quiet-hours', 'weekends'],
  });
  expect(route('fleet', 'info')).toMatchObject({ active_time_intervals: ['business-hours'] });
  expect(route('security', 'warning')).not.toHaveProperty('mute_time_intervals');
});

test('R03 nothing that is wrong with the run ledger wakes anybody, whichever rule tells of it; its doors are another matter', () => {
  const its = `service_name="${monitorEnv(compose).OTEL_SERVICE_NAME}"`;
  const first = routes.find(({ matchers }) => matchers.includes(its));
  expect(first).toMatchObject({ mute_time_intervals: ['quiet-hours', 'weekends'] });
  expect(first?.matchers).toContain('team!="security"');
  expect(routes.indexOf(first as (typeof routes)[number])).toBeLessThan(
    routes.findIndex(({ receiver }) => receiver === receiverOf('fleet', 'critical')),
  );
  const own = alerts.filter(({ name }) => name.startsWith('Ledger'));
  expect(own.flatMap(({ levels }) => levels.map(({ severity }) => severity))).not.toContain('critical');
  expect(own.flatMap(({ levels }) => levels.map(({ severity }) => severity))).not.toContain('high');
  expect(own.length).toBeGreaterThan(5);
});

test('A20 an alert with several severities hides itself only where it is about the same', () => {
  const several = alerts.filter(({ levels }) => levels.length > 1);
  const missing = several.flatMap((alert) =>
    alert.levels.flatMap((level) =>
      [...alert.when(level).labels]
        .filter((label) => !(identity as readonly string[]).includes(label))
        .map((label) => `${alert.name}: ${label}`),
    ),
  );
  expect(missing, 'add the label to identity in alertmanager/inhibition.ts').toEqual([]);
  expect(several.length).toBeGreaterThan(5);
});

test('A20 the alerts that inhibition names are there', () => {
  const names = alerts.map(({ name }) => name);
  expect(named.filter((name) => !names.includes(name))).toEqual([]);
  expect(named.length).toBeGreaterThan(10);
});

test('A20 no rule hides an alert behind one that is less urgent by its own severity', () => {
  const order = Object.keys(severities);
  for (const { source_matchers: source, target_matchers: target } of inhibitRules) {
    const [from] = source.join().match(/(?<=severity=")\w+/) ?? [];
    const [to] = target.join().match(/(?<=severity=~")[\w|]+/) ?? [];
    if (from && to) expect(order.indexOf(from)).toBeLessThan(order.indexOf(to.split('|')[0] as string));
  }
});
