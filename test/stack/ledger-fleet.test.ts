/**
 * The whole stack with the demo fleet at work, faults on: its runs are the same in every ledger that their spans reach, whatever
 * the order and the trouble on the way; a ledger that is away, stands still or dies makes nobody else wait.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postJson, until } from '../../doctor/ask.ts';
import { CanarySender } from '../../doctor/canary.ts';
import { freshness } from '../../doctor/freshness.ts';
import { readPipeline } from '../../doctor/pipeline.ts';
import { freshnessTable } from '../../doctor/print.ts';
import { metrics } from '../../instrumentation/src/catalog/catalog.ts';
import { runsRemoved } from '../../instrumentation/src/catalog/monitor.ts';
import { prometheusLabel, prometheusName } from '../../instrumentation/src/catalog/prometheus-name.ts';
import { mulberry32 } from '../../monitor/analysis/mulberry32.ts';
import { readBody } from '../../monitor/ingest/body.ts';
import { openService } from '../../monitor/ingest/service.ts';
import { spanFact } from '../../monitor/ingest/span-fact.ts';
import type { Fact } from '../../monitor/ledger/fact.ts';
import { openLedger } from '../../monitor/store/open.ts';
import { runCommand } from '../../monitor/testing/run-command.ts';
import { url } from '../../place.ts';
import { repository } from './command-line.ts';
import { drained } from './drained.ts';
import { freePort } from './free-port.ts';
import { aRun } from './ledger-run.ts';
import { LedgerService, post, token } from './ledger-service.ts';
import { openTap, type Piece, requestOf, type Tap } from './ledger-tap.ts';
import { runsIn } from './monitor-command.ts';
import { factsIn } from './monitor-writers.ts';
import { instant } from './prometheus-api.ts';
import { startStack, type TestStack } from './stack.ts';

const halfAnHourMs = 1_800_000;
/** What is to be shown is that it arrives, on a machine that may have other things to do. */
const flushed = { FLEETSCOPE_FLUSH_TIMEOUT_MS: '30000' };
const patient = { timeoutMs: 60_000, everyMs: 200 };

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledgers-'));
let tap: Tap;
let stack: TestStack;
/** What the demo counted itself. */
let counted: Record<string, Record<string, number>>;
let pieces: Piece[];
beforeAll(async () => {
  tap = await openTap();
  stack = await startStack(tap.turn);
  const faults = ['--fault', 'error-spike@8..14', 'stuck-approvals@4..20', 'slow-model@15..20'];
  const demo = execa(
    process.execPath,
    [
      ...['scripts/demo.ts', '--endpoint', url(stack.place, 'collector', 'grpc')],
      ...['--rate', '90', '--for', '25', '--speed', '10', '--json', ...faults],
    ],
    { cwd: repository, env: { ...flushed, FLEETSCOPE_HOME: stack.home } },
  );
  // Its own ledger has trouble meanwhile.
  for (const signal of ['SIGKILL', 'SIGSTOP', 'SIGCONT', 'SIGKILL'] as const) {
    await delay(6000);
    stack.supervisor.signal('monitor', signal);
  }
  counted = JSON.parse((await demo).stdout).counted;
  await drained(stack.targets);
  pieces = tap.pieces();
}, 300_000);
afterAll(async () => {
  await stack?.stop();
  tap?.close();
  rmSync(folder, { recursive: true, force: true });
});

const ledgerOfStack = () => join(stack.place.data('monitor'), 'ledger.db');

/** `export` in all its formats. */
async function exportsOf(file: string, ...session: string[]): Promise<string> {
  const ledger = await openLedger(file);
  const command = ['export', ...session].join(' ');
  const csv = ['orchestrations', 'agent_executions', 'steps'].map((table) => ({ format: 'csv', table }));
  const texts: string[] = [];
  for (const options of [{}, { format: 'ndjson' }, ...csv])
    texts.push((await runCommand(ledger, command, options)).written);
  await ledger.close();
  return texts.join('\n');
}

const factsOf = (some: readonly Piece[]): Fact[] =>
  [...readBody(requestOf(some, 'protobuf'), 'protobuf')]
    .flatMap((span) => span ?? [])
    .map(spanFact)
    .filter((fact) => typeof fact === 'object');

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = mulberry32(seed);
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/** In requests of 1 to `most`. */
function* batches(some: readonly Piece[], most: number, random = mulberry32(1)): Generator<Piece[]> {
  for (let from = 0; from < some.length; ) {
    const size = 1 + Math.floor(random() * most);
    yield some.slice(from, from + size);
    from += size;
  }
}

async function inOrderOnce(some: readonly Piece[], name: string): Promise<string> {
  const file = join(folder, name);
  const ledger = await openLedger(file);
  await ledger.record(factsOf(some));
  await ledger.close();
  return exportsOf(file);
}

test('R03 the demo fleet is in the ledger of the stack, which was killed and stood still, as it counted itself', async () => {
  const runs = await runsIn(ledgerOfStack());
  const steps = Map.groupBy(
    runs.flatMap((run) => run.steps),
    ({ kind }) => kind,
  );
  const times = Object.fromEntries([...steps].map(([kind, all]) => [kind, all.length]));
  console.log(`${pieces.length} spans of ${runs.length} runs: ${JSON.stringify(times)}`);
  expect(times).toEqual({
    ...{ model: sum('models'), tool: sum('tools'), decision: sum('decisions'), task: sum('tasks') },
    ...{ queue: sum('messages'), approval: sum('approvals', 'requested') },
  });
  expect(runs.flatMap(({ executions }) => executions)).toHaveLength(sum('agents'));
  const failed = runs.filter(({ orchestration }) => orchestration.status === 'failed');
  expect([runs.length, failed.length]).toEqual([sum('workflows'), sum('workflows', 'failure')]);
  expect(failed.length).toBeGreaterThan(0);
  const spent = runs.reduce((usd, { orchestration }) => usd + (orchestration.cost_micro_usd ?? 0) / 1e6, 0);
  expect(spent).toBeCloseTo(sum('usd'), 9);
});

/** What was counted of a group, by names that end so. */
function sum(group: string, end = ''): number {
  return Object.entries(counted[group] ?? {})
    .filter(([name]) => name.endsWith(end))
    .reduce((all, [, number]) => all + number, 0);
}

test('R03 shuffled, twice, half an hour late, by JSON, past kills, by way of the stack: each export is the same to the byte', {
  timeout: 180_000,
}, async () => {
  const once = await inOrderOnce(pieces, 'in-order.db');
  const inOrder = await LedgerService.open();
  const killed = await LedgerService.open();
  try {
    for (const batch of batches(pieces, 400)) await inOrder.send(batch, 'protobuf');
    expect(inOrder.resent).toBe(0);
    expect(await exportsOf(inOrder.file)).toBe(once);

    const twice = shuffled([...pieces, ...pieces], 7);
    const requests = [...batches(twice, 200)];
    const kills = new Set([0.2, 0.4, 0.6, 0.8].map((share) => Math.floor(share * requests.length)));
    for (const [i, batch] of requests.entries()) {
      const sent = killed.send(batch, i % 2 ? 'json' : 'protobuf');
      // While it is at work on it.
      if (kills.has(i)) await killed.end('SIGKILL').then(() => killed.start());
      await sent;
    }
    expect(await exportsOf(killed.file)).toBe(once);
    expect([inOrder.said, killed.said]).toEqual(['', '']);
  } finally {
    await Promise.all([inOrder.close(), killed.close()]);
  }

  const late = join(folder, 'late.db');
  const [first, rest] = [pieces.filter((_, i) => i % 3 !== 0), pieces.filter((_, i) => i % 3 === 0)];
  await deliver(late, shuffled(first, 3), Date.now());
  expect(await exportsOf(late)).not.toBe(once);
  await deliver(late, shuffled(rest, 4), Date.now() + halfAnHourMs);
  expect(await exportsOf(late)).toBe(once);

  expect(await exportsOf(ledgerOfStack())).toBe(once);
  // A span that is missing would be seen.
  const agent = pieces.find((piece) =>
    factsOf([piece]).some((fact) => 'name' in fact && fact.name === 'agent.execute'),
  );
  expect(
    await inOrderOnce(
      pieces.filter((piece) => piece !== agent),
      'one-less.db',
    ),
  ).not.toBe(once);
});

/** To a service whose clock stands at that time, in JSON. */
async function deliver(file: string, some: readonly Piece[], nowMs: number): Promise<void> {
  const notice = (line: string) => expect.unreachable(line);
  const ledger = await openLedger(file, { notice, now: () => nowMs });
  const port = await freePort();
  const service = await openService({ bind: '127.0.0.1', port, token, ledger, notice, now: () => nowMs });
  try {
    for (const batch of batches(some, 200)) expect(await post(service.url, batch, 'json')).toBe(true);
  } finally {
    await service.close();
  }
}

test('R03 a run that its program and the Collector tell of is one run, whichever comes first', {
  timeout: 120_000,
}, async () => {
  const session = 'both-ways';
  const { stderr } = await execa(
    process.execPath,
    ['--import', '@fleetscope/instrumentation/register', 'test/stack/both-ways.ts', session],
    {
      cwd: repository,
      env: {
        FLEETSCOPE_HOME: stack.home,
        OTEL_EXPORTER_OTLP_ENDPOINT: url(stack.place, 'collector', 'grpc'),
        ...flushed,
      },
    },
  );
  expect(stderr).toBe('');
  const file = ledgerOfStack();
  const ofSession = async () =>
    (await runsIn(file)).filter(({ orchestration }) => orchestration.session_id === session);
  expect(await until(async () => (await ofSession())[0]?.steps.length === 2, patient)).toEqual({ found: true });
  const [run, ...others] = await ofSession();
  expect(others).toEqual([]);
  expect(run?.orchestration).toMatchObject({ status: 'completed', completed_tasks: 2, task_description: 'Both ways' });
  expect(run?.orchestration.trace_id).toMatch(/^[0-9a-f]{32}$/);
  expect(
    run?.executions.map((one) => [one.agent_session_id, one.agent_name, one.files_created, one.input_tokens]),
  ).toEqual([
    [`${session}-0`, 'backend-agent', 0, 100],
    [`${session}-1`, 'qa-agent', 1, 100],
  ]);

  const calls = factsIn(file).filter((fact) => fact.source === 'api' && fact.id.includes(session));
  await drained(stack.targets);
  const spans = factsOf(tap.pieces().filter(({ traceId }) => traceId === run?.orchestration.trace_id));
  expect([calls.length, spans.length]).toEqual([6, 5]);
  const orders = [
    [...calls, ...spans],
    [...spans, ...calls],
    ...[1, 2, 3, 4].map((seed) => shuffled([...calls, ...spans], seed)),
  ];
  const expected = await exportsOf(file, session);
  for (const [i, facts] of orders.entries()) {
    const other = join(folder, `both-${i}.db`);
    const ledger = await openLedger(other);
    for (const fact of facts) await ledger.record([fact]);
    await ledger.close();
    expect(await exportsOf(other)).toBe(expected);
  }
});

const canaries = 5;

/** Whether spans, metrics and logs are found as soon as P08 promises. */
async function findable() {
  const sender = new CanarySender(stack.targets.otlp, 5000);
  const measured = await freshness(sender, stack.targets, { canaries, timeoutMs: 10_000 });
  await sender.close();
  console.log(freshnessTable(measured));
  return measured;
}

test('R03 a ledger that stands still, dies or is away keeps nobody else waiting, and misses nothing when it is back', {
  timeout: 180_000,
}, async () => {
  const { supervisor, targets, place } = stack;
  const file = ledgerOfStack();
  const sent: string[] = [];
  const send = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const session = `outage-${String(sent.length).padStart(3, '0')}`;
      const run = aRun(session);
      // As an SDK does, until it is taken.
      const isTaken = await until(async () => {
        await postJson(`${url(place, 'collector', 'http')}/v1/traces`, run);
        return true;
      }, patient);
      expect(isTaken).toEqual({ found: true });
      sent.push(session);
    }
  };
  const waiting = async () => (await readPipeline(targets)).exporters;

  const usual = await findable();
  expect(usual.map(({ lost }) => lost)).toEqual(usual.map(() => 0));
  supervisor.signal('monitor', 'SIGSTOP');
  await send(40);
  const seen = await findable();
  for (const { finding, lost } of seen) expect([finding, lost]).toEqual([finding, finding === 'Ledger' ? canaries : 0]);
  expect(seen.length).toBeGreaterThanOrEqual(4);
  const still = await waiting();
  expect(still['otlp_http/monitor']?.queued).toBeGreaterThan(0);
  const others = Object.entries(still).filter(([name]) => name !== 'otlp_http/monitor');
  expect(
    await until(async () => {
      const now = await waiting();
      return others.every(([name]) => now[name]?.queued === 0);
    }, patient),
  ).toEqual({ found: true });

  // Dead, and then away for as long as somebody needs to look.
  supervisor.signal('monitor', 'SIGKILL');
  await supervisor.stopOne('monitor');
  await send(40);
  const before = await waiting();
  supervisor.signal('collector', 'SIGKILL');
  await send(40);
  const after = await waiting();
  expect(after['otlp_http/monitor']?.queued).toBeGreaterThan(before['otlp_http/monitor']?.queued as number);
  await supervisor.startOne('monitor');

  const found = async () =>
    (await runsIn(file))
      .filter(({ orchestration }) => /^outage-/.test(orchestration.session_id))
      .map(({ orchestration, steps }) => `${orchestration.session_id} ${steps.length}`)
      .sort();
  const expected = sent.map((session) => `${session} 1`);
  await until(async () => (await found()).length === sent.length, patient);
  expect(await found()).toEqual(expected);
  const pipeline = await readPipeline(targets);
  expect(Object.values(pipeline.exporters).map(({ failed }) => failed)).toEqual(
    Object.values(pipeline.exporters).map(() => 0),
  );
});

// All but the count of runs that are taken away a year later: monitor/ingest/telemetry.test.ts has it.
const measured = metrics.filter((metric) => metric.by === 'monitor' && metric !== runsRemoved);

test.each(measured.map((metric) => [prometheusName(metric), metric] as const))(
  'R03 %s is measured, with its labels',
  async (name, { kind, labels }) => {
    // A stranger is refused, and counted.
    expect((await fetch(`${url(stack.place, 'monitor', 'http')}/v1/traces`, { method: 'POST' })).status).toBe(401);
    const series = `${kind === 'histogram' ? `${name}_count` : name}{service_name="fleetscope-monitor"}`;
    const find = () => instant(stack.targets.prometheus, `last_over_time(${series}[5m])`);
    // It is pushed every fifteen seconds.
    await until(async () => (await find()).length > 0, { timeoutMs: 40_000, everyMs: 1000 });
    const [first] = await find();
    expect(first, 'nothing emits it').toBeDefined();
    const always = labels.filter(({ absentWhen }) => !absentWhen).map((label) => prometheusLabel(label.name));
    expect(always.filter((label) => !(label in (first?.metric ?? {})))).toEqual([]);
  },
);
