import { describe, expect, test } from 'vitest';
import defaultTwin from './default-policy.ts';
import type { PolicyError } from './read-policy.ts';
import { readPolicy } from './read-policy.ts';
import { scaled } from './scaled.ts';

const text = defaultTwin.render('default-policy.ts')['default-policy.yml'] as string;

/** The findings about the delivered policy with one thing changed. */
function findings(from: string | RegExp, to: string): readonly string[] {
  const changed = text.replace(from, to);
  expect(changed, 'the change changes something').not.toBe(text);
  try {
    readPolicy(changed, 'my.yml');
    return [];
  } catch (error) {
    return (error as PolicyError).findings;
  }
}

/** Which line of the delivered policy begins so. */
function line(start: string): number {
  return text.split('\n').findIndex((each) => each.startsWith(start)) + 1;
}

test('X03 the delivered policy is the matrix: L1 at once and after 5 m, L2 15 m, L3 1 h, executive 2 h', () => {
  const { critical } = readPolicy(text, 'default-policy.yml').severities;
  expect(critical.steps.map(({ afterMs, level }) => [afterMs / 60_000, level])).toEqual([
    ...[
      [0, 'L1'],
      [5, 'L1'],
      [15, 'L2'],
      [60, 'L3'],
      [120, 'executive'],
    ],
  ]);
  expect(critical.respectsQuietHours).toBe(false);
});

test('X02 the delivered policy goes from info by warning and high to critical, and asks nobody at night for less than high', () => {
  const { severities, teams, channels } = readPolicy(text, 'default-policy.yml');
  expect([severities.info, severities.warning, severities.high].map(({ rises }) => rises?.to)).toEqual([
    ...['warning', 'high', 'critical'],
  ]);
  expect([severities.info, severities.warning, severities.high].map((each) => each.respectsQuietHours)).toEqual([
    ...[true, true, false],
  ]);
  expect(teams.fleet?.quietHours).toEqual({
    from: '22:00',
    to: '07:00',
    days: ['saturday', 'sunday'],
    timeZone: 'UTC',
  });
  expect(teams.security?.quietHours).toBeUndefined();
  expect(Object.keys(channels)).toContain('log');
});

describe('X02 a policy that is wrong is refused with the line, what stands there, and the remedy', () => {
  test.each([
    ['a duration', 'after: 5m', 'after: 5 min', '"5 min" is no duration.'],
    ['an unknown channel', '- discord', '- diskord', '"diskord" is no channel of this policy. Name one of: slack,'],
    ['steps out of order', 'after: 15m', 'after: 4m', 'no later than the step before'],
    ['a fall of severity', 'to: critical', 'to: info', '"info" is no worse than "high"'],
    ['a time zone', 'timeZone: UTC', 'timeZone: Mars/Base', '"Mars/Base" is no time zone.'],
    ['a missing team', '  finops:', '  money:', 'The team "finops" is missing'],
    [
      'a stranger',
      'security: {}',
      'security: { levels: { L1: { people: [anna] } } }',
      '"anna" is no person of this policy',
    ],
    ['a person without a way', 'people: {}', 'people: { anna: {} }', '"anna" cannot be reached.'],
    [
      'a contact without a channel',
      'people: {}',
      'people: { anna: { contacts: { fax: "1" } } }',
      '"fax" is no channel',
    ],
    ['a misspelt field', 'sameIncident:', 'sameIncidents:', '"sameIncidents" is not known here.'],
    ['quiet critical', 'respectsQuietHours: false', 'respectsQuietHours: true', 'waits for no morning'],
    ['no step', /steps:\n(?: {6,}.*\n)+/, 'steps: []\n', 'Somebody has to be told'],
    ['an unquoted time', "from: '22:00'", 'from: 22.5', '22.5 is no time of day. Write it as "22:00", with quotes.'],
    ['no undoing hook', 'onResolve: resume-fleet', 'onResolve: wake-fleet', '"wake-fleet" is no hook of this policy'],
    ['a secret in the open', 'env: FLEETSCOPE_SMTP_URL', 'env: "smtp://a:b@c"', 'channels.email.smtp'],
  ])('%s', (_, from, to, message) => {
    const found = findings(from, to);
    expect(found.join('\n')).toContain(message);
    expect(found[0]).toMatch(/^my\.yml:\d+: /);
  });

  test('all mistakes at once, each with its own line', () => {
    const changed = text.replace('sameIncident: 10m', 'sameIncident: 10').replace('level: L2', 'level: L4');
    expect(() => readPolicy(changed, 'my.yml')).toThrow(
      [
        'Cannot use the policy my.yml: 2 mistakes. Mend what is named here.',
        `my.yml:${line('sameIncident')}: sameIncident: 10 is no duration. Write one such as "30s", "5m" or "1h30m".`,
        `my.yml:${line('        level: L2')}: severities.critical.steps.2.level: "L4" does not belong here. Write L1 | L2 | L3 | executive.`,
      ].join('\n'),
    );
  });

  test('what is no YAML, and nothing at all', () => {
    expect(() => readPolicy('teams: [', 'my.yml')).toThrow(/my\.yml:1: Flow sequence/);
    expect(() => readPolicy('', 'my.yml')).toThrow('my.yml:1: It is empty.');
    expect(() => readPolicy(`${text}people: {}\n`, 'my.yml')).toThrow(/Map keys must be unique/);
  });

  test('people take turns by days and from a day on', () => {
    const people = 'people: { anna: { email: a@b.c }, ben: { email: b@b.c } }';
    const both = (turns: string) => `security: { levels: { L1: { people: [anna, ben]${turns} } } }`;
    const read = (turns: string) =>
      readPolicy(text.replace('people: {}', people).replace('security: {}', both(turns)), 'my.yml');
    expect(() => read('')).toThrow('Several people take turns.');
    expect(() => read(', days: 7, from: "2026-13-01"')).toThrow('is no local date and time');
    expect(read(', days: 7, from: "2026-01-05T09:00"').teams.security?.levels.L1?.people).toEqual(['anna', 'ben']);
  });
});

test('X03 a policy can be tried in a faster world, with the same order and the same hours of the day', () => {
  const policy = readPolicy(text, 'default-policy.yml');
  const fast = scaled(policy, 60);
  expect(fast.severities.critical.steps.map(({ afterMs }) => afterMs)).toEqual([0, 5000, 15_000, 60_000, 120_000]);
  expect(fast.severities.info).toMatchObject({ repeatMs: 1_440_000, rises: { afterMs: 1_440_000 } });
  expect(fast.teams).toEqual(policy.teams);
});
