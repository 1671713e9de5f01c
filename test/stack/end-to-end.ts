/**
 * The world of P10: the whole native stack with its ledger and its memory in FerretDB, the week before in its Prometheus and its ledger, the fleet
 * of the example at work in it, with an error spike and a person who answers late, and those whom its alerts call.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa, execaSync } from 'execa';
import * as v from 'valibot';
import { incident } from '../../alertmanager/escalation/http/api-schema.ts';
import type { Process } from '../../engine/processes.ts';
import type { Counted } from '../../examples/fleet/counts.ts';
import type { DemoResult } from '../../examples/fleet/demo/run.ts';
import type { LedgerRow } from '../../examples/fleet/model-server/ledger.ts';
import { escalationApi } from '../../monitor/escalation-api.ts';
import { collectDay } from '../../monitor/memory/collect/collect.ts';
import { weekBefore } from '../../monitor/memory/consolidate/findings.ts';
import { beginOf, cutoffOf, dateOf, weekOf } from '../../monitor/memory/periods.ts';
import { Leader } from '../../monitor/memory/schedule/leader.ts';
import type { MakeSources } from '../../monitor/memory/schedule/make.ts';
import { Rounds } from '../../monitor/memory/schedule/rounds.ts';
import type { MemoryStore } from '../../monitor/memory/store/memory-store.ts';
import { openMemory } from '../../monitor/memory/store/open.ts';
import { openLedger } from '../../monitor/store/open.ts';
import type { Ledger } from '../../monitor/store/store.ts';
import { url } from '../../place.ts';
import { type Fault, readFaults } from '../../prometheus/history/faults.ts';
import { repository } from './command-line.ts';
import { drained } from './drained.ts';
import { record } from './monitor-command.ts';
import { People } from './people.ts';
import { quickAlertmanager, quickEscalation, quickPrometheus } from './quickened.ts';
import { startStack, type TestStack } from './stack.ts';
import { factsOf, type PlannedDay, plannedDays, samplesOf } from './week-before.ts';

/** How many times faster fleet and rules turn, and the policy. */
export const rulesFactor = 10;
export const policyFactor = 60;

/** Seconds of the demo, and workflows a minute: as many as FerretDB, which has no indexes, keeps up with. */
const [lastsSeconds, perMinute] = [55, 30];
const fault = 'error-spike@5..42';

/** Later than the rule allows, and in a bucket of the histogram that nobody who answers in time is in. */
const lateSeconds = 16;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export interface World extends AsyncDisposable {
  readonly stack: TestStack;
  readonly people: People;
  /** Of ledger and memory: a `mongodb://` address. */
  readonly database: string;
  readonly ledger: Ledger;
  readonly memory: MemoryStore;
  /** Where memory writes its files. */
  readonly root: string;
  /** The week before this one, as it was planned. */
  readonly week: string;
  readonly days: readonly PlannedDay[];
  /** The day on which the fleet worked. */
  readonly today: string;
  /** What the fleet counted itself. */
  readonly counted: Counted;
  /** What the server of the models counted. */
  readonly models: readonly LedgerRow[];
  /** What memory had to say to people. */
  readonly notices: readonly string[];
  fault(kind: string): Fault;
  incidents(): Promise<Incident[]>;
  /** Looks once what is due at a time of one's own, as the memory's service does every half minute. @param root default: the world's. */
  remember(nowMs: number, root?: string): Promise<void>;
}

type Incident = v.InferOutput<typeof incident>;

/** How far back sources keep, ms, on the morning after a day: that day. What lies between the week and today, nobody knows anything of. */
const keptMs = 30 * hourMs;

/** @param database a new one. */
export async function openWorld(database: string): Promise<World> {
  await notAroundMidnight();
  const today = dateOf(Date.now());
  const week = weekBefore(weekOf(Date.now()));
  const days = plannedDays(week);
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-end-to-end-'));
  const people = await People.open();
  await record(database, factsOf(days));
  const stack = await startStack((all) =>
    all
      // Its rounds are made here, at times that nobody could wait for.
      .filter(({ component }) => (component as string) !== 'memory')
      .map((one) => changed(one, { people, database, samples: () => samplesOf(days, ...lately()), folder })),
  );
  const [ledger, memory] = [await openLedger(database), await openMemory(database)];
  const [notices, root] = [[] as string[], join(folder, 'root')];
  const sources: MakeSources = {
    ...{ prometheus: { url: stack.targets.prometheus }, ledger },
    escalation: { url: stack.targets.escalation, token: () => apiToken(stack) },
    // What is unusual is not looked for: of a week it cannot be told, and each of the 28 hours that every hour is compared with is a scan in FerretDB.
    memory: {
      hours: async () => [],
      snapshots: (window) => memory.snapshots(window),
      findings: (until) => memory.findings(until),
    },
  };
  const remember = async (nowMs: number, into = root) => {
    const now = () => nowMs;
    const rounds = new Rounds({
      ...{ store: memory, root: into, keptMs, leader: new Leader({ store: memory, now }), elapsedMs: now, sources },
      times: async () => ({ nowMs, latestMs: nowMs, sinceMs: beginOf(week) }),
      notice: (line) => notices.push(line),
    });
    await rounds.round();
    await rounds.close();
  };
  const close = async () => {
    await Promise.all([ledger.close(), memory.close()]);
    await stack.stop();
    await people[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  // Each day as `npm run memory -- snapshot` makes it; then, on the Monday after them, what is due.
  const consolidate = async () => {
    for (const { date } of days) await memory.keep(await collectDay(sources, date, 'final'));
    await remember(cutoffOf(week));
  };
  try {
    const [demo, late] = await Promise.all([runDemo(stack), answerLate(stack), consolidate()]);
    await drained(stack.targets);
    await remember(cutoffOf(today));
    return {
      ...{ stack, people, database, ledger, memory, root, week, days, today, notices, remember },
      ...{ counted: added(demo.counted, late), models: demo.ledger ?? [] },
      fault: (kind) => faultOf(stack.home, kind),
      incidents: () => incidentsOf(stack),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What is done on a day is counted on a day. */
async function notAroundMidnight(): Promise<void> {
  const left = dayMs - (Date.now() % dayMs);
  if (left < 4 * 60_000) await delay(left + 1000);
}

/** So that Prometheus has been there for a while when the fleet begins. */
function lately(): [since: number, now: number] {
  const now = Math.floor(Date.now() / 1000) * 1000;
  return [now - hourMs / 2, now - 5000];
}

interface Change {
  readonly people: People;
  readonly database: string;
  readonly samples: () => string;
  readonly folder: string;
}

function changed(process: Process, { people, database, samples, folder }: Change): Process {
  switch (process.component) {
    case 'prometheus':
      backfill(process, samples(), folder);
      return quickPrometheus(process, rulesFactor);
    case 'alertmanager':
      return quickAlertmanager(process);
    case 'escalation':
      return quickEscalation(process, policyFactor, people);
    case 'monitor':
      return { ...process, env: { ...process.env, FLEETSCOPE_MONITOR_DB: database } };
    default:
      return process;
  }
}

function backfill({ program, folders: [data = ''] }: Process, samples: string, folder: string): void {
  const file = join(folder, 'week.om');
  writeFileSync(file, samples);
  mkdirSync(data, { recursive: true });
  // Blocks of a day: those of two hours would be made into such first.
  const args = ['tsdb', 'create-blocks-from', '--max-block-duration=24h', 'openmetrics', file, data];
  execaSync(join(dirname(program), 'promtool'), args);
}

/** So that what there is arrives, on a machine that may have other things to do. */
const patience = { OTEL_METRIC_EXPORT_INTERVAL: '1000', FLEETSCOPE_FLUSH_TIMEOUT_MS: '30000' };

async function runDemo({ place, home }: TestStack): Promise<DemoResult> {
  const { stdout } = await execa(
    process.execPath,
    [
      ...['scripts/demo.ts', '--endpoint', url(place, 'collector', 'grpc'), '--rate', String(perMinute)],
      ...['--speed', String(rulesFactor), '--for', String(lastsSeconds), '--json', '--fault', fault],
    ],
    { cwd: repository, env: { FLEETSCOPE_HOME: home, ...patience } },
  );
  return JSON.parse(stdout);
}

async function answerLate({ place }: TestStack): Promise<Counted> {
  const args = ['--import', '@fleetscope/instrumentation/register', 'test/stack/late-answers.ts', String(lateSeconds)];
  const env = {
    ...{ ...patience, OTEL_EXPORTER_OTLP_ENDPOINT: url(place, 'collector', 'grpc'), OTEL_SERVICE_NAME: 'fleet' },
    OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=demo,deployment.environment.name=demo',
  };
  const { stdout } = await execa(process.execPath, args, { cwd: repository, env });
  return JSON.parse(stdout);
}

/** Of both together. */
function added(one: Counted, other: Counted): Counted {
  const groups = new Set([...Object.keys(one), ...Object.keys(other)]);
  const sum = (group: string) => {
    const numbers = { ...one[group] };
    for (const [what, times] of Object.entries(other[group] ?? {})) numbers[what] = (numbers[what] ?? 0) + times;
    return numbers;
  };
  return Object.fromEntries([...groups].map((group) => [group, sum(group)]));
}

function faultOf(home: string, kind: string): Fault {
  const all = readFaults(join(home, 'data', 'faults.jsonl'), true, Date.now() / 1000);
  const found = all.find((one) => one.kind === kind);
  if (!found) throw new Error(`The demo wrote down no ${kind}: ${JSON.stringify(all)}`);
  return found;
}

async function incidentsOf(stack: TestStack): Promise<Incident[]> {
  const get = await escalationApi({ url: stack.targets.escalation, token: () => apiToken(stack), timeoutMs: 10_000 });
  const list = v.object({ incidents: v.array(v.object({ id: v.string() })) });
  const { incidents } = await get('/api/incidents', list);
  return Promise.all(incidents.map(({ id }) => get(`/api/incidents/${id}`, incident)));
}

function apiToken({ place }: TestStack): string {
  return readFileSync(place.secret('escalation-api-token'), 'utf8').trim();
}
