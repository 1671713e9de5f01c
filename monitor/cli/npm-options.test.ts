import { expect, test } from 'vitest';
import { npmOptions, takenByNpm } from './npm-options.ts';

const flags = [
  { long: '--db', required: true },
  { long: '--min-success', required: true },
  { long: '--before', required: true },
  { long: '--exit-code', required: false },
  { long: '--dry-run', required: false },
  { long: '--json', required: false },
  { long: '--all', required: false },
];
const taken = (npm: Record<string, string>, line: string, event = 'monitor') =>
  takenByNpm({ npm_lifecycle_event: event, ...npm }, flags, line.split(' '));

test('R01 what npm takes for its own still is a dry run', () => {
  const npm = { npm_lifecycle_event: 'monitor', npm_config_dry_run: 'true', npm_config_json: 'true' };
  expect(npmOptions(npm)).toEqual({ dryRun: true, json: true });
  expect(npmOptions({ npm_lifecycle_event: 'monitor', npm_config_dry_run: '', npm_config_all: 'true' })).toEqual({
    all: true,
  });
  // Another script that calls this one.
  expect(npmOptions({ ...npm, npm_lifecycle_event: 'release' })).toEqual({});
});

test('R01 an option of ours that npm took is refused, with the line to write instead', () => {
  expect(taken({ npm_config_db: '/tmp/other.db' }, 'cleanup 30')).toBe(
    'Cannot heed --db: npm took it for its own. Write "--" before the options: npm run monitor -- cleanup 30 --db=/tmp/other.db',
  );
  expect(taken({ npm_config_exit_code: '', npm_config_db: 'x\u001b[2J\n.db' }, 'failures')).toBe(
    'Cannot heed --db, --exit-code: npm took them for its own. Write "--" before the options: npm run monitor -- failures --db=x .db --exit-code',
  );
  // Its value has become an argument: which one is not known.
  expect(taken({ npm_config_min_success: 'true' }, 'health 95')).toMatch(
    / npm run monitor -- health … --min-success=…$/,
  );
  // Nearly a dry run is none, and the same line without it would delete.
  expect(taken({ npm_config_dryrun: 'true' }, 'cleanup 30')).toMatch(/ npm run monitor -- cleanup 30 --dry-run$/);
});

test.each<[string, Record<string, string>, string, string?]>([
  ['npm took nothing', { npm_config_user_agent: 'npm/11', npm_config_prefix: '/usr' }, 'list'],
  ['they are npm’s own, of a .npmrc', { npm_config_before: '2026', npm_config_json: 'true' }, 'list'],
  ['they are npm’s own, handed on', { npm_config_dry_run: 'true', npm_config_all: 'true' }, 'cleanup 30'],
  ['it is given, too', { npm_config_db: 'x' }, 'list --db=y'],
  ['they are those of another script', { npm_config_db: 'x' }, 'list', 'nightly'],
])('R01 nothing is refused where %s', (_, npm, line, event) => {
  expect(taken(npm, line, event)).toBeUndefined();
});

test('M06 what npm took of a question to memory is refused, with that command', () => {
  const on = { long: '--on', required: true };
  const env = { npm_lifecycle_event: 'memory', npm_config_on: 'true' };
  expect(takenByNpm(env, [on], ['ask', 'cost', '2026-02-15'])).toBe(
    'Cannot heed --on: npm took it for its own. Write "--" before the options: npm run memory -- ask … --on=…',
  );
  expect(takenByNpm(env, [on], ['ask', 'cost', '--on=2026-02-15'])).toBeUndefined();
});
