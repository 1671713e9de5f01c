/**
 * An alert's whole way, on the real stack: a trouble of the demo, a rule of Prometheus, Alertmanager, the escalation service,
 * people; and what they answer. Prometheus turns ten times faster, the policy sixty times.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { InferOutput } from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { incident as shown, timeline } from '../../alertmanager/escalation/http/api-schema.ts';
import { until } from '../../doctor/ask.ts';
import type { Process } from '../../engine/processes.ts';
import { metrics } from '../../instrumentation/src/catalog/catalog.ts';
import { prometheusLabel, prometheusName } from '../../instrumentation/src/catalog/prometheus-name.ts';
import { address, url } from '../../place.ts';
import { repository } from '../../scripts/twins.ts';
import { People, type Told, type Way } from './people.ts';
import { instant } from './prometheus-api.ts';
import { quickAlertmanager, quickEscalation, quickPrometheus } from './quickened.ts';
import { startStack, type TestStack } from './stack.ts';

const rulesFactor = 10;
const policyFactor = 60;
/** Of the rule FleetErrorRateHigh. */
const summary = 'Too many tasks of the fleet fail';
/** When a step of the shipped policy comes, in ms of this world. */
const afterMs = (minutes: number) => (minutes * 60_000) / policyFactor;

let people: People;
let stack: TestStack;
let demo: ReturnType<typeof startDemo>;

beforeAll(async () => {
  people = await People.open();
  stack = await startStack((all) => all.map(quickened));
  demo = startDemo();
}, 240_000);

afterAll(async () => {
  demo?.kill();
  await demo;
  await stack?.stop();
  await people?.[Symbol.asyncDispose]();
});

test('X01 X02 X03 a fault of the demo reaches Slack, Discord, mail and PagerDuty in this order, each in its time', {
  timeout: 240_000,
}, async () => {
  const paged = await first('pagerduty', 'alert', 200_000);
  const told = Object.fromEntries(
    (['slack', 'discord', 'email'] as const).map((way) => [way, alertsOf(way)[0] as Told]),
  ) as Record<Way, Told>;
  const openedAt = Date.parse((await incident()).openedAt);
  expect(told.slack.at - openedAt).toBeLessThan(afterMs(5));
  expect(told.discord.at - openedAt).toBeLessThan(afterMs(5));
  expect(told.email.at - openedAt).toBeGreaterThanOrEqual(afterMs(5));
  expect(paged.at - openedAt).toBeGreaterThanOrEqual(afterMs(15));
  expect(told.email.at).toBeLessThan(paged.at);
  // Nobody was told twice, and nobody of a later step.
  for (const way of ['slack', 'discord', 'email', 'pagerduty'] as const) expect(alertsOf(way), way).toHaveLength(1);
});

test('X04 the fleet is really paused by the alert, and the incident says so', async () => {
  const { hookRuns, id } = await incident();
  expect(hookRuns.find(({ hook }) => hook === 'pause-fleet')).toMatchObject({ state: 'done', dryRun: false });
  const by = `incident ${id}`;
  expect(await control()).toMatchObject({ paused: true, orders: [expect.objectContaining({ by })] });
});

test('X02 whoever follows the link of a message acknowledges, once; a preview of the link does not', async () => {
  const [message] = alertsOf('slack');
  const link = /<(http[^|>]*\/links\/acknowledge\/[^|>]+)\|/.exec((message as Told).text)?.[1] as string;
  const preview = await fetch(link);
  expect(preview.status).toBe(200);
  expect((await incident()).state).toBe('open');

  const body = new URLSearchParams({ name: 'ana' });
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(link).origin };
  const answered = await fetch(link, { method: 'POST', headers, body });
  expect(answered.status, await answered.text()).toBe(200);
  expect(await incident()).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'ana' } });

  const again = await fetch(link, { method: 'POST', headers, body });
  expect(again.status).toBe(410);
  const forged = await fetch(link.replace(/.{4}$/, 'AAAA'));
  expect(forged.status).toBe(403);
});

test('X02 who was told hears that it is over, everywhere; after the answer nobody else is called', {
  timeout: 240_000,
}, async () => {
  const { id } = await incident();
  await first('pagerduty', 'resolved', 200_000, id);
  for (const way of ['slack', 'discord', 'email'] as const) await first(way, 'resolved', 20_000);
  // On Discord the first message was changed; on the others a new one followed.
  expect(people.of('discord', summary).find(({ what }) => what === 'resolved')?.text).toMatch(/^PATCH /);
  for (const way of ['slack', 'discord', 'email', 'pagerduty'] as const) expect(alertsOf(way), way).toHaveLength(1);
  expect(await incident()).toMatchObject({ state: 'resolved', resolved: { by: 'alertmanager' } });
});

test('X04 when the alert is over the fleet works again', async () => {
  const resumed = await until(async () => !(await control()).paused, { timeoutMs: 20_000, everyMs: 200 });
  expect(resumed.found, JSON.stringify((await incident()).hookRuns)).toBe(true);
});

test('X06 the audit trail tells who did what and why, and holds; the log of the day has every line of it', async () => {
  const { exitCode, stdout } = await incidents('audit', '--verify');
  expect(exitCode, stdout).toBe(0);
  const { id } = await incident();
  const { entries } = (await asked('timeline', id)) as InferOutput<typeof timeline>;
  const whats = entries.map(({ what }) => what);
  expect(whats).toEqual(expect.arrayContaining(['opened', 'step taken', 'acknowledged', 'resolved']));
});

test('X01 what is neither Alertmanager nor a person with a token is refused', async () => {
  const service = url(stack.place, 'escalation', 'http');
  const post = (headers: Record<string, string>, body: string) =>
    fetch(`${service}/alerts`, { method: 'POST', headers, body });
  expect((await post({}, '{}')).status).toBe(401);
  expect((await post({ authorization: 'Bearer wrong' }, '{}')).status).toBe(401);
  expect((await fetch(`${service}/api/incidents`)).status).toBe(401);
  expect((await fetch(`${service}/links/acknowledge/..%2f..%2fetc%2fpasswd`)).status).toBe(400);
});

test.each(metrics.filter(({ by }) => by === 'escalation').map((metric) => [prometheusName(metric), metric] as const))(
  'X03 %s is measured, with its labels',
  async (name, { kind, labels }) => {
    const series = kind === 'histogram' ? `${name}_count` : name;
    const find = () => instant(stack.targets.prometheus, `last_over_time(${series}[5m])`);
    // It is pushed every fifteen seconds.
    await until(async () => (await find()).length > 0, { timeoutMs: 40_000, everyMs: 1000 });
    const [first] = await find();
    expect(first, 'nothing emits it').toBeDefined();
    const always = labels.filter(({ absentWhen }) => !absentWhen).map((label) => prometheusLabel(label.name));
    expect(always.filter((label) => !(label in (first?.metric ?? {})))).toEqual([]);
  },
);

function startDemo() {
  return execa(
    process.execPath,
    [
      'scripts/demo.ts',
      ...['--endpoint', `http://${address(stack.place, 'collector', 'grpc')}`],
      ...['--rate', String(3 * rulesFactor), '--speed', String(rulesFactor), '--for', '170', '--json'],
      ...['--fault', 'error-spike@15..75'],
    ],
    { cwd: repository, env: { FLEETSCOPE_HOME: stack.home, OTEL_METRIC_EXPORT_INTERVAL: '1000' }, reject: false },
  );
}

function alertsOf(way: Way): Told[] {
  return people.of(way, summary).filter(({ what }) => what === 'alert');
}

async function first(way: Way, what: Told['what'], timeoutMs: number, about = summary): Promise<Told> {
  const find = () => people.of(way, about).find((told) => told.what === what);
  const { found } = await until(async () => find() !== undefined, { timeoutMs, everyMs: 200 });
  const shown = people.told.map((told) => `${told.way} ${told.what} ${told.text.slice(0, 200)}`).join('\n');
  expect(found, `nothing "${what}" by ${way}; what came:\n${shown}`).toBe(true);
  return find() as Told;
}

async function incident(): Promise<InferOutput<typeof shown>> {
  const { incidents: all } = (await asked('list', '--all')) as { incidents: { id: string; title: string }[] };
  const found = all.find(({ title }) => title.includes(summary));
  expect(found, JSON.stringify(all)).toBeDefined();
  return (await asked('show', found?.id as string)) as InferOutput<typeof shown>;
}

async function asked(...args: string[]): Promise<unknown> {
  const { stdout, stderr, exitCode } = await incidents(...args, '--json');
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** What the fleet itself says that it obeys. */
async function control(): Promise<{ paused: boolean }> {
  const file = (name: string) => readFileSync(join(stack.home, 'data', 'control', name), 'utf8').trim();
  const answer = await fetch(`${file('url')}/control`, { headers: { authorization: `Bearer ${file('token')}` } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as { paused: boolean };
}

/** As a person would ask, from the command line. */
function incidents(...args: string[]) {
  return execa(process.execPath, ['scripts/incidents.ts', ...args, '--url', url(stack.place, 'escalation', 'http')], {
    cwd: repository,
    env: { FLEETSCOPE_HOME: stack.home },
    reject: false,
  });
}

function quickened(process: Process): Process {
  if (process.component === 'prometheus') return quickPrometheus(process, rulesFactor);
  if (process.component === 'alertmanager') return quickAlertmanager(process);
  if (process.component !== 'escalation') return process;
  return quickEscalation(process, policyFactor, people, ['pause-fleet', 'resume-fleet']);
}
