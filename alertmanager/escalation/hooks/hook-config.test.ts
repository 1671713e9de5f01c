import * as v from 'valibot';
import { expect, test } from 'vitest';
import { groups } from '../../../prometheus/groups.ts';
import { alertsOf } from '../../../prometheus/kit/group.ts';
import { targets } from '../../../prometheus/targets.ts';
import { defaultHooks } from './default-hooks.ts';
import { hookConfig } from './hook-config.ts';
import { remedies } from './remedies.ts';

const http = { kind: 'http', url: 'https://hooks.example/run' };
const command = { kind: 'command', program: '/usr/bin/true' };
const read = (given: object) => v.safeParse(hookConfig, given);
const says = (given: object) =>
  read(given)
    .issues?.map(({ message }) => message)
    .join('\n');

test('X04 a hook is a dry run, without approval, for 10 s, six times an hour, unless the policy says otherwise', () => {
  const facts = { dryRun: true, approval: false, timeoutMs: 10_000, ratePerHour: 6, with: {} };
  expect(read(http).output).toEqual({ ...http, ...facts, method: 'POST', headers: {} });
  expect(read(command).output).toEqual({ ...command, ...facts, arguments: [], environment: [], directory: '/' });
});

test.each([
  ['a shell line', { ...command, program: 'rm -rf /' }, 'is no plain absolute path'],
  ['a name on the PATH', { ...command, program: 'kubectl' }, 'is no plain absolute path'],
  ['a way out of a folder', { ...command, program: '/opt/hooks/../../bin/sh' }, 'is no plain absolute path'],
  ['a folder', { ...command, program: '/usr/bin/' }, 'is no plain absolute path'],
  [
    'a place in the program',
    { ...command, program: '/opt/{tool}', with: { tool: '\\w+' } },
    'is no plain absolute path',
  ],
  [
    'a place within an argument',
    { ...command, arguments: ['--name={tool}'], with: { tool: '\\w+' } },
    'is a whole argument',
  ],
  ['a place without a pattern', { ...command, arguments: ['{tool}'] }, '{tool} is not allowed. Name it under "with".'],
  ['a pattern that is none', { ...command, arguments: ['{tool}'], with: { tool: '(' } }, 'is no regular expression'],
  ['a library to preload', { ...command, environment: ['LD_PRELOAD'] }, 'Invalid format'],
  ['options of Node', { ...command, environment: ['NODE_OPTIONS'] }, 'Invalid format'],
  ['a variable with a value', { ...command, environment: ['PATH=/tmp'] }, 'Invalid format'],
  ['a relative folder', { ...command, directory: 'tmp' }, 'Invalid start'],
  ['a place as host', { ...http, url: 'https://{host}/run', with: { host: '\\w+' } }, 'is a whole address of HTTP'],
  ['a place in the host', { ...http, url: 'https://x.{host}/', with: { host: '\\w+' } }, 'is a whole address of HTTP'],
  [
    'a place before the host',
    { ...http, url: 'https://{user}@x.example/', with: { user: '\\w+' } },
    'is a whole address of HTTP',
  ],
  [
    'half of a part of a path',
    { ...http, url: 'https://x.example/a-{t}', with: { t: '\\w+' } },
    'is a whole part of the path',
  ],
  ['a place in a header', { ...http, headers: { 'x-tool': '{tool}' }, with: { tool: '\\w+' } }, 'A header takes no'],
  ['another protocol', { ...http, url: 'file:///etc/passwd' }, 'begins with http:// or https://'],
  ['a place in a body without a pattern', { ...http, body: { a: ['{tool}'] } }, '{tool} is not allowed'],
  ['every alert', { ...http, on: { labels: { team: 'fleet' } } }, 'is on every alert'],
  ['an unknown class', { ...http, on: { remedy: 'bad_luck' } }, 'Invalid type'],
  ['an hour', { ...http, timeout: '1h' }, 'Invalid value'],
  ['a word too many', { ...http, shell: true }, 'shell'],
])('X04 a hook with %s is refused', (_, given, words) => {
  expect(says(given)).toContain(words);
});

test('X04 a place may be a part of a path, a value of a query, a part of a text, a whole argument', () => {
  const allowed = { tool: '[\\w.]+', 'incident.id': '.+' };
  for (const good of [
    { ...http, url: 'https://x.example/tools/{tool}/off?why={incident.id}&n={tool}#x', with: allowed },
    { ...http, url: { base: { file: 'data/url' }, path: '/tools/{tool}' }, with: allowed },
    { ...http, body: { text: 'it is {tool}, see {incident.id}', at: [1, { deep: '{tool}' }] }, with: allowed },
    { ...command, arguments: ['off', '{tool}', '{not a place}', '{}'], with: allowed },
  ])
    expect(says(good)).toBeUndefined();
});

test('X04 every alert of a class of trouble is one that Prometheus has', () => {
  const known = new Set(groups(targets).flatMap((group) => alertsOf(group).map(({ name }) => name)));
  const named = Object.values(remedies).flat();
  expect(named.filter((name) => !known.has(name))).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
  expect(known.has('NoSuchAlert')).toBe(false);
});

test('X04 the hooks of the default policy are good, dry runs, on alerts that there are, and undone by hooks that there are', () => {
  const known = new Set(groups(targets).flatMap((group) => alertsOf(group).map(({ name }) => name)));
  const hooks = defaultHooks({ url: { file: 'data/control/url' }, token: { file: 'data/control/token' } });
  for (const [name, given] of Object.entries(hooks)) {
    const { output, issues, success } = read(given);
    expect(issues, name).toBeUndefined();
    if (!success) continue;
    expect(output.dryRun, name).toBe(true);
    expect(
      (output.on?.alertname ?? []).filter((alert) => !known.has(alert)),
      name,
    ).toEqual([]);
    if (output.onResolve) expect(Object.keys(hooks), name).toContain(output.onResolve);
    // Otherwise nothing would ever start it.
    const undoes = Object.values(hooks).some(({ onResolve }) => onResolve === name);
    expect(output.on !== undefined || undoes, name).toBe(true);
  }
  const remediesUsed = new Set(Object.values(hooks).map(({ on }) => on?.remedy));
  expect([...remediesUsed].filter(Boolean).sort()).toEqual(Object.keys(remedies).sort());
});
