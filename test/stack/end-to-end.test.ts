/**
 * A fleet from end to end, on real servers: what its agents did is in Prometheus, on the dashboards, in alerts and with people; and in the ledger, in
 * snapshots, in documents and in answers. Each number is compared with what the fleet counted itself, or with the plan of the week before. (P10)
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultPolicy } from '../../alertmanager/escalation/policy/default-policy.ts';
import { human } from '../../alertmanager/escalation/policy/policy.ts';
import { until } from '../../doctor/ask.ts';
import { sumOf } from '../../examples/fleet/counts.ts';
import { panels } from '../../grafana/live/panels.ts';
import { dashboardFiles, panelQueries } from '../../grafana/panel-queries.ts';
import { cutoffOf, datesOf, weekOf } from '../../monitor/memory/periods.ts';
import type { Snapshot } from '../../monitor/memory/record.ts';
import { openMemory } from '../../monitor/memory/store/open.ts';
import { money } from '../../monitor/words.ts';
import { type Duration, seconds } from '../../prometheus/kit/duration.ts';
import { targets } from '../../prometheus/targets.ts';
import { withoutMacros } from '../../queries/macros.ts';
import { bill } from './bill.ts';
import { repository } from './command-line.ts';
import { openWorld, policyFactor, rulesFactor, type World } from './end-to-end.ts';
import { ferretDbOfFile } from './ferretdb-of-file.ts';
import type { Way } from './people.ts';
import { instant } from './prometheus-api.ts';
import { decided, type PlannedDay, trouble, waitsSeconds } from './week-before.ts';

const patient = { timeoutMs: 60_000, everyMs: 500 };
const { nextUrl } = ferretDbOfFile('fleet');
/** FerretDB has no indexes, and on a busy machine is long over what it has to look through. */
const unhurried = '?connectTimeoutMS=300000&socketTimeoutMS=300000&serverSelectionTimeoutMS=60000';
let world: World;
beforeAll(async () => {
  world = await openWorld(nextUrl() + unhurried);
}, 900_000);
afterAll(() => world?.[Symbol.asyncDispose]());

/** What the fleet counted itself. */
const counted = (group: string, ends = '') => sumOf(world.counted, group, { ends });
const file = (path: string) => readFileSync(join(world.root, path), 'utf8');
const snapshotOf = (date: string): Snapshot => JSON.parse(file(`logs/snapshots/${date}.json`));
const query = (text: string) => instant(world.stack.targets.prometheus, text);
const value = async (text: string) => (await query(text))[0]?.value;
const counter = (name: string) => `max_over_time(${name}{service_name="fleet"}[15m])`;
const workOf = ({ runs }: PlannedDay) => runs.flatMap(({ work }) => work);
const failedOf = (day: PlannedDay) => workOf(day).filter(({ failed }) => failed);

test('P10 1 metrics flow from each agent to Prometheus and to the panel of the dashboard', async () => {
  const byAgent = (ends: string) => {
    const tasks = Object.entries(world.counted.tasks ?? {}).filter(([what]) => what.endsWith(ends));
    const groups = Map.groupBy(tasks, ([what]) => what.split(' ')[0] as string);
    return new Map([...groups].map(([agent, all]) => [agent, all.reduce((sum, [, times]) => sum + times, 0)]));
  };
  const inPrometheus = async (name: string) => {
    const found = await query(`sum by (agent_name) (${counter(name)}) > 0`);
    return new Map(found.map(({ metric, value }) => [metric.agent_name as string, value]));
  };
  const [well, badly] = [byAgent(' success'), byAgent(' failure')];
  expect(well.size).toBeGreaterThan(3);
  expect(badly.size).toBeGreaterThan(0);
  expect(await inPrometheus('agent_tasks_completed_total')).toEqual(well);
  expect(await inPrometheus('agent_tasks_failed_total')).toEqual(badly);

  const fleet = dashboardFiles().flatMap(panelQueries);
  const panel = fleet.find(({ dashboard, panel }) => dashboard === 'fleet' && panel === 'Tasks a minute, by agent');
  const shown = await query(`${withoutMacros(panel?.expr as string, { __rate_interval: '15m' })} > 0`);
  expect(new Set(shown.map(({ metric }) => metric.agent_name))).toEqual(new Set([...well.keys(), ...badly.keys()]));
});

test('P10 2 the rule of the fleet fires on the error spike, and not before it', async () => {
  const { from, to } = world.fault('error-spike');
  const [failed, ended] = [counted('tasks', ' failure'), counted('tasks', ' success') + counted('tasks', ' failure')];
  expect(failed / ended).toBeGreaterThan(targets.taskFailures.critical);
  const firedAt = await firstFiring('FleetErrorRateHigh', 'critical');
  expect(firedAt).toBeGreaterThan(from);
  // In the window of the rule, and the time that it has to hold, there is still something of it.
  expect(firedAt).toBeLessThan(to + (5 * 60 + 2 * 60) / rulesFactor);
});

/** Seconds since the epoch; undefined: it never did. */
function firstFiring(alertname: string, severity: string): Promise<number | undefined> {
  const alert = `ALERTS{alertname="${alertname}", severity="${severity}", alertstate="firing"}`;
  return value(`min(min_over_time(timestamp(${alert})[15m:1s]))`);
}

test('P10 3 the snapshot of the day has what the fleet did, to the last task and to the last micro-dollar', async () => {
  const snapshot = snapshotOf(world.today);
  expect(snapshot).toEqual(await world.memory.snapshot(world.today));
  expect(snapshot).toMatchObject({ date: world.today, state: 'final' });
  expect([snapshot.tasks.started, snapshot.runs.started]).toEqual([counted('agents'), counted('workflows')]);
  const runs = await world.ledger.orchestrations({ sinceIso: `${world.today}T00:00:00.000Z`, limit: 1000 });
  const ended = (how: string) => runs.filter(({ status }) => status === how).length;
  expect(ended('failed')).toBe(counted('workflows', ' failure'));
  // In others some work failed on the way.
  expect(snapshot.runs.completed).toBe(ended('completed'));
  expect(snapshot.runs.failed).toBeGreaterThan(0);
  expect(snapshot.cost.micro_usd).toBeCloseTo(counted('usd') * 1e6, 1);
  expect(snapshot.models.reduce((sum, { calls }) => sum + calls, 0)).toBe(counted('models'));
  expect(snapshot.approvals.asked).toBe(counted('approvals', ' requested'));
  expect(snapshot.decisions).toHaveLength(counted('decisions'));
  const raised = snapshot.incidents.alerts.filter(({ raised }) => raised > 0);
  expect(raised.map(({ alertname, severity }) => `${alertname} ${severity}`)).toContain('FleetErrorRateHigh critical');
  // Of the hours in which nobody was there nothing is claimed.
  expect(snapshot.gaps[0]).toMatch(/^Prometheus (did not measure \d+ of 24 hours|measured none of the day)/);
});

test('P10 4 MEMORY.md tells the day and the week, what was decided, what is broken and what is next', async () => {
  const text = file('MEMORY.md');
  expect(text.match(/^## .*/gm)).toEqual(['## Metrics', '## Decision log', '## Known issues', '## Next actions']);
  const row = (name: string) =>
    new RegExp(`^\\| ${name} \\| (.*) \\|$`, 'm').exec(text)?.[1]?.split(' | ') ?? [`no row ${name}`];
  const { tasks } = snapshotOf(world.today);
  const planned = world.days.flatMap(workOf);
  // The week of today is not over; of the one before the week nothing is known.
  const three = (ofToday: number | string, ofWeek: number | string, ofNone = '0') => [
    `${ofToday}`,
    `${ofWeek}`,
    ofNone,
  ];
  expect(row('tasks that ended')).toEqual(three(counted('agents') - tasks.in_progress, planned.length));
  expect(row('of them failed')).toEqual(three(tasks.failed, planned.filter(({ failed }) => failed).length));
  const usd = world.days.reduce((sum, day) => sum + day.usd, 0);
  expect(row('cost')).toEqual(
    three(money(Math.round(counted('usd') * 1e6)), money(Math.round(usd * 1e6)), 'not known'),
  );
  expect(row('approvals asked for')).toEqual(three(counted('approvals', ' requested'), world.days.length));

  const decisions = [...text.matchAll(/`decision:([^`]+)`/g)].map(([, id]) => id as string);
  expect(decisions.length).toBeGreaterThan(5);
  for (const id of decisions) expect((await world.memory.decision(id))?.date).toBe(world.today);
  const issues = /## Known issues\n([\s\S]*?)## Next actions/.exec(text)?.[1] ?? '';
  expect(issues).toContain(trouble.message);
  expect(text).toContain(`Find its cause: ${trouble.type}`);
});

test('P10 5 the encyclopedia has a page for each error, counts it right, and keeps what people write', async () => {
  const { errors } = snapshotOf(world.today);
  expect(errors.length).toBeGreaterThan(0);
  const [planned] = snapshotOf(world.days[0]?.date as string).errors;
  const fingerprint = planned?.fingerprint as string;
  const page = `docs/errors/${fingerprint}.md`;
  const pages = readdirSync(join(world.root, 'docs', 'errors')).map((name) => name.replace('.md', ''));
  const all = [fingerprint, ...errors.map((one) => one.fingerprint)];
  expect(pages.toSorted()).toEqual([...new Set(all)].toSorted());
  const times = world.days.flatMap(failedOf).length;
  expect(file(page)).toContain(`| Seen | ${times} times on 7 days |`);
  expect(file(page)).toContain(trouble.message);
  const status = () => new RegExp(`^\\| \\[\`${fingerprint}\`\\].*`, 'm').exec(file('docs/ENCOUNTERED_ERRORS.md'))?.[0];
  expect(status()).toContain(`| open since ${world.days[0]?.date} | ${times} | 7 |`);

  writeFileSync(
    join(world.root, page),
    file(page).replace('## Status, by people\n\nNot known yet.', '## Status, by people\n\nresolved: locks time out'),
  );
  await world.remember(cutoffOf(world.today));
  expect(file(page)).toContain('resolved: locks time out');
  expect(status()).toContain('| resolved since ');
  expect(/## Known issues\n[\s\S]*?## Next actions/.exec(file('MEMORY.md'))?.[0]).not.toContain(fingerprint);
});

test('P10 6 ledger and memory are in MongoDB, in collections that anybody can ask, and there for the next process', async () => {
  await using client = new MongoClient(world.database);
  const of = (name: string) => client.db().collection(name);
  const runs = world.days.flatMap((day) => day.runs).length + counted('workflows');
  expect(await of('orchestrations').countDocuments({})).toBe(runs);
  expect(await of('snapshots').countDocuments({ state: 'final' })).toBe(world.days.length + 1);
  expect(await of('decisions_log').countDocuments({ date: world.today })).toBe(counted('decisions'));
  // What Prometheus counted and what the ledger did, of each day.
  for (const day of world.days) {
    const stored = await of('snapshots').findOne({ date: day.date });
    const metrics = await of('metrics_daily').find({ date: day.date, labels: '{}' }).toArray();
    const metric = (name: string) => metrics.find((one) => one.metric === name)?.value;
    const planned = [workOf(day).length, failedOf(day).length];
    expect([stored?.tasks.started, stored?.tasks.failed]).toEqual(planned);
    expect([metric('tasks_started'), metric('tasks_failed')]).toEqual(planned);
    expect(stored?.cost.micro_usd).toBeCloseTo(day.usd * 1e6, 3);
    expect(metric('cost')).toBeCloseTo(day.usd, 9);
  }
  const again = await openMemory(world.database);
  expect(await again.snapshot(world.today)).toEqual(snapshotOf(world.today));
  await again.close();
});

test('P10 7 what the models cost is the same to the provider, the agents, Prometheus, the ledger and the memory', async () => {
  const priced = world.models.filter((row) => bill(row) !== undefined);
  const billed = priced.reduce((sum, row) => sum + (bill(row) ?? 0), 0);
  const models = new Set(priced.map(({ model }) => model));
  const ofModels = Object.entries(world.counted.usd ?? {}).filter(([name]) => models.has(name));
  const told = ofModels.reduce((sum, [, usd]) => sum + usd, 0);
  const ledger = await world.ledger.costs('agent', { sinceIso: `${world.today}T00:00:00.000Z` });
  const [usd, all] = [counted('usd'), { ledger: 0, snapshot: 0, prometheus: 0, hours: 0 }];
  all.ledger = ledger.reduce((sum, { cost_micro_usd }) => sum + (cost_micro_usd ?? 0), 0) / 1e6;
  all.snapshot = (snapshotOf(world.today).cost.micro_usd ?? 0) / 1e6;
  all.prometheus = (await value(`sum(${counter('agent_cost_usd_total')})`)) ?? 0;
  const day = await world.memory.days({ from: world.today, to: world.today }, 'cost');
  all.hours = day.find(({ labels }) => Object.keys(labels).length === 0)?.value ?? 0;
  console.log(`billed ${billed} USD, told ${told}, with tools ${usd}: ${JSON.stringify(all)}`);
  expect(Math.abs(told / billed - 1)).toBeLessThan(0.01);
  for (const [where, is] of Object.entries(all)) expect(is, where).toBeCloseTo(usd, 6);
});

test('P10 8 an approval that is answered late is seen in the metric, in the snapshot and in an alert', async () => {
  const late = targets.approval.lateSeconds / rulesFactor;
  const waits: number[] = [];
  let answeredAt = Number.POSITIVE_INFINITY;
  const since = { sinceIso: `${world.today}T00:00:00.000Z`, untilIso: `${world.today}T23:59:59.999Z` };
  for await (const step of world.ledger.stepsBetween(since))
    if (step.kind === 'approval' && step.outcome !== 'cancelled' && step.duration_ms !== null) {
      waits.push(step.duration_ms / 1000);
      if (step.duration_ms / 1000 > late) answeredAt = Math.min(answeredAt, Date.parse(step.completed_at ?? ''));
    }
  const isLate = (bound: number) => waits.filter((wait) => wait > bound).length;
  expect(isLate(late)).toBeGreaterThan(0);
  const answers = (series: string, more = '') =>
    `sum(max_over_time(approval_response_time_seconds_${series}{service_name="fleet", approval_decision!="cancelled"${more}}[15m]))`;
  expect(await value(`${answers('count')} - ${answers('bucket', ', le=~"15(.0)?"')}`)).toBe(isLate(15));
  const { approvals } = snapshotOf(world.today);
  expect(approvals.p95_wait_ms).toBeGreaterThan(late * 1000);
  const firedAt = await seen(() => firstFiring('ApprovalResponseSlow', 'high'));
  expect(firedAt).toBeGreaterThan(answeredAt / 1000);
  // A week in which people answered in time.
  for (const { date } of world.days) {
    const { asked, approved, p95_wait_ms } = snapshotOf(date).approvals;
    expect([asked, approved]).toEqual([1, 1]);
    expect(Math.abs((p95_wait_ms ?? 0) / (waitsSeconds * 1000) - 1)).toBeLessThan(0.01);
  }
});

async function seen<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  await until(async () => (await look()) !== undefined, patient);
  return look();
}

test('P10 9 each query of the dashboards of the fleet has data, or its panel says why not', async () => {
  const { prometheus, loki, tempo } = world.stack.targets;
  const uids = ['fleet', 'agent-detail', 'sla', 'cost', 'cost-by-model'];
  const { opened, verdict } = await panels({
    ...{ backends: { prometheus, loki, tempo }, files: dashboardFiles(), uids, since: '15m', budgetMs: 600_000 },
  });
  expect(verdict.findings).toEqual([]);
  expect(opened.map(({ uid }) => uid).toSorted()).toEqual(uids.toSorted());
  const states = [...verdict.results.values()];
  expect(states.filter((state) => state === 'ok').length).toBeGreaterThan(states.length / 2);
});

test('P10 10 the webhook takes what Alertmanager has routed, and tells whom the severity says, when it says', async () => {
  const { people, stack } = world;
  const [critical, high] = ['Too many tasks of the fleet fail', 'Approvals are answered too late'];
  const told = (way: Way, about: string) => people.of(way, about).filter(({ what }) => what === 'alert').length;
  // Chat for both; for what is critical and lasts, mail and the pager; in the end mail again, to who decides.
  await seen(async () => told('pagerduty', critical) || undefined);
  for (const way of ['slack', 'discord', 'pagerduty'] as const) expect(told(way, critical), way).toBe(1);
  expect(told('email', critical)).toBeGreaterThan(0);
  // Once more when it rises, to whom the severity says that it has risen to: on a slow machine that is before now.
  const risen = async () => {
    const [incident] = (await world.incidents()).filter(({ title }) => title.includes(high));
    return incident?.severity === 'critical';
  };
  for (const way of ['slack', 'discord'] as const)
    await seen(async () => told(way, high) === ((await risen()) ? 2 : 1) || undefined);

  const incidents = await world.incidents();
  // As the rule says it: what nobody answers rises meanwhile.
  const routed = ({ alerts, team }: (typeof incidents)[number]) =>
    `${team} ${[...new Set(alerts.map(({ labels }) => labels.severity))].join(' ')}`;
  const of = (about: string) => incidents.filter(({ title }) => title.includes(about)).map(routed);
  expect([of(critical), of(high)]).toEqual([['fleet critical'], ['fleet high']]);
  for (const { id, severity, ladder, deliveries } of incidents) {
    const ofLadder = deliveries.filter(({ createdAt }) => Date.parse(createdAt) >= Date.parse(ladder.startedAt));
    for (const { step, channel, createdAt } of ofLadder.filter(({ message }) => message === 'alert')) {
      const { tell, after } = defaultPolicy.severities[severity].steps[step] as { tell: string[]; after: Duration };
      // Nobody is named to be on call: the mailbox of the channel stands for them.
      const by = tell.map((name) => (name === human ? 'email' : name));
      expect([...by, 'log'], `${id} step ${step}`).toContain(channel);
      const waited = Date.parse(createdAt) - Date.parse(ladder.startedAt);
      expect(waited, `${id} ${channel}`).toBeGreaterThanOrEqual((seconds(after) * 1000) / policyFactor);
    }
  }

  const sum = (name: string) => value(`sum(max_over_time(alertmanager_${name}{integration="webhook"}[15m]))`);
  expect(await sum('notifications_failed_total')).toBe(0);
  expect(await sum('notifications_total')).toBeGreaterThanOrEqual(incidents.length);
  expect((await fetch(`${stack.targets.escalation}/alerts`, { method: 'POST', body: '{}' })).status).toBe(401);
});

test('P10 11 what was, MongoDB answers: money, errors, trends and reasons', async () => {
  const day = world.days[2] as PlannedDay;
  const [from, to] = [world.days[0]?.date as string, world.days.at(-1)?.date as string];
  const [decision] = await world.memory.decisions({ from: day.date, to: day.date });
  const [cost, errors, trend, why, before] = await Promise.all([
    ask('cost', '--on', day.date),
    ask('errors', '--from', from, '--to', to),
    ask('trend', 'cost', '--from', from, '--to', to),
    ask('why', decision?.id as string),
    ask('cost', '--on', '2020-01-01'),
  ]);
  expect(cost).toMatchObject({ exitCode: 0, json: { missing: [] } });
  expect(cost.json.total.cost_micro_usd).toBeCloseTo(day.usd * 1e6, 3);
  expect(errors.json.rows).toMatchObject([
    { error_message: trouble.message, days: 7, times: world.days.flatMap(failedOf).length, agents: ['Code'] },
  ]);
  expect(trend.json).toMatchObject({ direction: { verdict: 'rising' } });
  expect(trend.json.rows.map((row: { cost_micro_usd: number }) => Math.round(row.cost_micro_usd))).toEqual(
    world.days.map(({ usd }) => Math.round(usd * 1e6)),
  );
  expect(why.json).toMatchObject({
    ...decided,
    agent_name: 'Code',
    session_id: day.runs[0]?.session,
    outcome: 'success',
  });
  expect(before.exitCode).toBe(1);
  expect(before.stderr).toContain(`the memory begins on ${from}`);
});

/** As a person asks, of the database alone. */
async function ask(...words: string[]) {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [join(repository, 'scripts', 'memory.ts'), 'ask', ...words, '--json'],
    { env: { FLEETSCOPE_HOME: world.stack.home, FLEETSCOPE_MONITOR_DB: world.database }, reject: false },
  );
  // biome-ignore lint/suspicious/noExplicitAny: each question has an answer of its own
  return { exitCode, stderr, json: (exitCode === 0 ? JSON.parse(stdout) : undefined) as any };
}

test('P10 12 seven days become a week: what it shows is what was planted, nothing else, and twice the same', async () => {
  expect(world.days.map(({ date }) => date)).toEqual(datesOf(world.week));
  for (const day of world.days) {
    const { state, hours_measured, gaps, incidents, decisions } = snapshotOf(day.date);
    expect([state, hours_measured, gaps, incidents.raised]).toEqual(['final', 24, [], 0]);
    expect(decisions).toHaveLength(1);
  }
  const found = (await world.memory.findings(world.week)).filter(({ week }) => week === world.week);
  const [failed, work] = [world.days.flatMap(failedOf), world.days.flatMap(workOf)];
  const own = work.filter(({ agent, operation }) => agent === 'Code' && operation === 'migrate');
  expect(found.map(({ kind, words, numbers }) => ({ kind, words, numbers }))).toMatchObject([
    {
      kind: 'agent-task',
      words: { agent: 'Code', operation: 'migrate' },
      numbers: { failed: failed.length, ended: own.length, others_failed: 0, others_ended: own.length },
    },
    { kind: 'recurring-error', numbers: { days: 7, times: failed.length } },
  ]);
  const page = `memory/${world.week}-summary.md`;
  const sections = ['## Key metrics', '## Findings', '## Decisions', '## Lessons', '## How it was found'];
  expect(file(page)).toContain(`Code fails at migrate: ${failed.length} of ${own.length} failed`);
  expect(file(page)).toContain(`came on 7 days, ${failed.length} times`);
  expect(file(page).match(/^## .*/gm)).toEqual(sections);
  // The week of today is not over.
  expect(readdirSync(join(world.root, 'memory'))).toEqual([`${world.week}-summary.md`]);
  expect(weekOf(cutoffOf(world.week))).not.toBe(world.week);

  const root = `${world.root} again`;
  await world.remember(cutoffOf(world.today), root);
  for (const folder of ['memory', 'logs/snapshots', 'logs/metrics-history'])
    for (const name of readdirSync(join(world.root, folder)))
      expect(readFileSync(join(root, folder, name), 'utf8'), name).toBe(file(`${folder}/${name}`));
  expect(world.notices).toEqual([]);
});
