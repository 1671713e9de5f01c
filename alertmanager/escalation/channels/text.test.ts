import { expect, test } from 'vitest';
import { aDelivery, aMessage, anAlert, anIncident, aResolved, openedAt } from './testing/messages.ts';
import { lasting, plain, shorten, textOf } from './text.ts';

const factsOf = (...[message]: Parameters<typeof textOf>) =>
  Object.fromEntries(textOf(message).facts.map((fact) => [fact.name, plain(fact)]));

test('X02 a message says what is wrong, since when, who is told and where to answer', () => {
  const told = [
    aDelivery({ state: 'sent' }),
    aDelivery({ key: 'k/2', channel: 'email', person: 'ada', state: 'sent' }),
    aDelivery({ key: 'k/3', channel: 'discord', state: 'failed' }),
  ];
  const message = aMessage({ incident: anIncident({ deliveries: told }), person: { name: 'Ben', contacts: {} } });
  const text = textOf(message);
  expect(text.title).toBe('🔴 Critical: The agent research is silent');
  expect(text.summary).toBe('research has shown no sign of life for 6m.');
  expect(factsOf(message)).toEqual({
    Team: 'fleet',
    Since: '2026-11-26 09:30 UTC',
    Alerts: '1 firing',
    For: 'Ben',
    Told: 'slack, ada (email)',
  });
  expect(text.links.map(({ name }) => name)).toEqual(['Acknowledge', 'Resolve', 'Open', 'Runbook', 'Dashboard']);
  expect(text.labels).toEqual(['alertname=AgentSilent', 'agent_name=research']);
});

test('X02 what is resolved offers nothing to answer, and says who and after how long', () => {
  const text = textOf(aResolved());
  expect(text.title).toBe('✅ Resolved: The agent research is silent');
  expect(text.links.map(({ name }) => name)).toEqual(['Open', 'Runbook', 'Dashboard']);
  expect(factsOf(aResolved())).toMatchObject({ Resolved: 'alertmanager, after 12 min', Alerts: '0 of 1 firing' });
});

test('X02 what somebody has in hand is not to be acknowledged again', () => {
  const incident = anIncident({ state: 'acknowledged', acknowledged: { by: 'Ada', at: openedAt + 60_000 } });
  const text = textOf(aMessage({ kind: 'acknowledged', incident }));
  expect(text.links.map(({ name }) => name)).toEqual(['Resolve', 'Open', 'Runbook', 'Dashboard']);
  expect(factsOf(aMessage({ incident })).Acknowledged).toBe('Ada, 2026-11-26 09:31 UTC');
});

test('X02 many alerts are five lines, the firing ones first, and a number', () => {
  const alerts = Array.from({ length: 8 }, (_, index) =>
    anAlert({
      fingerprint: `f${index}`,
      status: index === 0 ? 'resolved' : 'firing',
      labels: { alertname: 'AgentSilent', agent_name: `a${index}` },
      annotations: { summary: `The agent a${index} is silent` },
    }),
  );
  const text = textOf(aMessage({ incident: anIncident({ alerts }) }));
  expect(text.alerts).toHaveLength(6);
  expect(text.alerts[0]).toBe('The agent a1 is silent');
  expect(text.alerts.at(-1)).toBe('and 3 more');
  expect(text.labels, 'only what all share').toEqual(['alertname=AgentSilent']);
});

test('X02 an annotation that is no web address is no link', () => {
  const annotations = { summary: 's', runbook_url: 'javascript:alert(1)', dashboard_url: 'https://ok.example/a b' };
  const links = textOf(aMessage({ incident: anIncident({ alerts: [anAlert({ annotations })] }) })).links;
  expect(links.map(({ name }) => name)).toEqual(['Acknowledge', 'Resolve', 'Open']);
});

test('X02 a title is one line, however it was written', () => {
  const title = 'Two\r\nlines\u0000 and \u2028 more';
  expect(textOf(aMessage({ incident: anIncident({ title }) })).title).toBe('🔴 Critical: Two lines and more');
});

test.each([
  [0, '0 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [12_000_000, '3 h 20 min'],
  [86_400_000, '1 d'],
  [187_200_000, '2 d 4 h'],
  [-5, '0 s'],
])('X03 %i ms last %s', (ms, expected) => {
  expect(lasting(ms)).toBe(expected);
});

test('X02 a text is shortened to the limit, never within a character', () => {
  expect(shorten('abcdef', 6)).toBe('abcdef');
  expect(shorten('abcdefg', 6)).toBe('abcde…');
  expect(shorten('abcd🔴fg', 6)).toBe('abcd…');
});
