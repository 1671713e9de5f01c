import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compose, native } from '../place.ts';
import { groups, identityLabels } from './groups.ts';
import { alertCases, proofFile, unproved } from './kit/cases.ts';
import { dashboards } from './kit/dashboards.ts';
import { alertsOf, recordedBy } from './kit/group.ts';
import { repositoryUrl, runbookUrl } from './kit/links.ts';
import { recordingsOf } from './kit/record.ts';
import { ruleFile } from './kit/rule-file.ts';
import { targets } from './targets.ts';

const repository = join(import.meta.dirname, '..');
const all = groups(targets);
const alerts = all.flatMap(alertsOf);

describe('A01 the rules as a whole', () => {
  test('every group is loaded, documented and proved: each file of rules is one', () => {
    const files = globSync('*.ts', { cwd: join(import.meta.dirname, 'rules') });
    expect(all.map(({ name }) => name).sort()).toEqual(files.map((path) => basename(path, '.ts')).sort());
  });

  test('no name is used twice: a name is a page, and what inhibition goes by', () => {
    const names = all.flatMap(({ rules }) => rules.map(({ name }) => name));
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  test('what a rule rests on is recorded, and before it', () => {
    const seen = new Set<object>();
    const missing: string[] = [];
    for (const { rules } of all) {
      for (const rule of rules) {
        const queries = 'levels' in rule ? rule.levels.map((level) => rule.when(level)) : [rule.query];
        for (const used of queries.flatMap(recordingsOf)) {
          if (!seen.has(used)) missing.push(`${rule.name} needs ${used.name}`);
        }
        seen.add(rule);
      }
    }
    expect(missing).toEqual([]);
  });

  test('every recording is proved', () => {
    expect(unproved(all)).toEqual([]);
  });

  test('a runbook has a command for each place, and none that makes a container anew without what up has set', () => {
    const chained = alerts.flatMap(({ name, runbook }) =>
      runbook.checks.filter((check) => 'command' in check && check.command.includes('||')).map(() => name),
    );
    expect(chained).toEqual([]);
    expect(alerts.filter(({ runbook }) => /docker compose up/.test(JSON.stringify(runbook)))).toEqual([]);
  });

  test('every runbook link leads to a page, and every dashboard is one', () => {
    for (const { name } of alerts) {
      const page = runbookUrl(name).replace(`${repositoryUrl}/`, '');
      expect(existsSync(join(repository, page)), page).toBe(true);
    }
    const files = globSync('*.json', { cwd: join(repository, 'grafana/dashboards') }).map((path) =>
      basename(path, '.json'),
    );
    expect([...dashboards].sort()).toEqual(files.sort());
  });

  test('a variable of a link is one that its dashboard has', () => {
    const wrong = alerts.flatMap(({ name, dashboard, variables = {} }) => {
      const text = readFileSync(join(repository, 'grafana/dashboards', `${dashboard}.json`), 'utf8');
      const { templating } = JSON.parse(text) as { templating: { list: { name: string }[] } };
      const known = templating.list.map((variable) => variable.name);
      return Object.keys(variables).flatMap((variable) =>
        known.includes(variable) ? [] : [`${name}: ${dashboard} has no $${variable}`],
      );
    });
    expect(wrong).toEqual([]);
  });
});

test('A01 the links of a native stack lead to its own Grafana', () => {
  const place = native({ home: '/h', profile: 'laptop', portOf: () => 4003 });
  const texts = JSON.stringify(all.map((group) => ruleFile(group, place)));
  expect(texts).toContain(
    'http://127.0.0.1:4003/d/agent-detail?from=now-1h&to=now&var-agent={{ $labels.agent_name | urlquery }}',
  );
  expect(texts).not.toContain('localhost');
});

test('A13 other targets make other rules and other cases, and nothing else changes', () => {
  const other = groups({ ...targets, tokensPerMinute: 500 });
  const texts = (of: typeof all) =>
    of.map((group) => JSON.stringify([ruleFile(group, compose), proofFile(group, of, compose)]));
  const [before, after] = [texts(all), texts(other)];
  expect(all.filter((_, at) => before[at] !== after[at]).map(({ name }) => name)).toEqual(['models']);
  expect(after.join('')).toContain('environment:tokens:per_minute_rate5m > 500');
  expect(after.join('')).toContain('525 tokens a minute');
});

describe('A20 what an alert proves', () => {
  const cases = alerts.flatMap((alert) =>
    alert.levels.map((level) => ({ alert, level, own: alertCases(alert, level, compose) })),
  );

  test('each level fires, stays silent just short of it, and ends; a share is silent on little', () => {
    for (const { alert, level, own } of cases) {
      const titles = own.map(({ name }) => name.slice(name.indexOf(': ') + 2));
      if (alert.name === 'Watchdog') continue;
      expect(titles, alert.name).toEqual(
        expect.arrayContaining([
          `fires after ${level.for} just beyond the threshold`,
          'is not even pending just short of it',
          'ends when it is over',
        ]),
      );
      expect(titles.includes('is not told on too little'), alert.name).toBe(alert.proof(level).quiet !== undefined);
    }
  });

  test('the exact texts are told, with no template left in them', () => {
    const texts = JSON.stringify(cases.map(({ own }) => own));
    expect(texts).toContain('The agent qa fails too many of its tasks');
    expect(texts).not.toMatch(/\{\{|undefined/);
  });
});

test('A20 every label that tells alerts apart is bounded', () => {
  const labels = identityLabels(all);
  expect(labels).toContain('agent_name');
  expect(
    labels.filter((label) => /task_id|session_id|user_id|trace|run_id|workflow_id|service_instance_id/.test(label)),
  ).toEqual([]);
});

test('C02 what dashboards ask for is recorded under its promised name', () => {
  const recorded = all.flatMap(recordedBy).map(({ name }) => name);
  expect(recorded).toContain('agent_cost_per_day');
  expect(recorded).toContain('environment:agent_cost_usd:run_rate_per_day');
});
