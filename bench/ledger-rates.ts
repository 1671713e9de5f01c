/** How fast facts become rows, and what they take on disk: by telemetry and by calls, against the least that could be done. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getMonitor } from '../monitor/get-monitor.ts';
import type { ApiFact, Fact } from '../monitor/ledger/fact.ts';
import { fold } from '../monitor/ledger/fold.ts';
import { openLedger } from '../monitor/store/open.ts';
import { SqliteLedger } from '../monitor/store/sqlite/sqlite-ledger.ts';
import { executionsPerRun, runFacts } from './ledger-facts.ts';
import { ratios, type Summary, summarize } from './statistics.ts';

/** One way in, and the floor: plain INSERTs of the rows that come of it, as many in a transaction, into one table without an index. */
export interface Rate {
  readonly perSecond: Summary;
  readonly executionsPerSecond: Summary;
  readonly floorPerSecond: Summary;
  /** How many times faster the floor is, in the same round. */
  readonly ratio: Summary;
  /** Bytes on disk for each run of ten executions. */
  readonly runBytes: number;
  readonly floorRunBytes: number;
}

export interface Way {
  /** Facts, or calls, of these runs. @returns how many, in how many seconds, and how many bytes they take. */
  ours(runs: readonly Fact[][]): Promise<Written>;
  floor(runs: readonly Fact[][]): Promise<Written>;
}

export interface Written {
  readonly count: number;
  readonly seconds: number;
  readonly bytes: number;
}

/** A span is half a kilobyte, and the Collector sends 256 KiB at least (collector/collector.ts). */
export const batchSpans = 512;

export async function measureRate(
  way: Way,
  facts: (run: number) => Fact[],
  { runs, rounds, progress }: { runs: number; rounds: number; progress: (round: number) => void },
): Promise<Rate> {
  const [ours, floor]: [Written[], Written[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    progress(round + 1);
    // The first round only warms up what is compiled.
    const some = Array.from({ length: round < 0 ? Math.ceil(runs / 10) : runs }, (_, run) => facts(run));
    const [first, second] = [await way.ours(some), await way.floor(some)];
    if (round < 0) continue;
    ours.push(first);
    floor.push(second);
  }
  const rate = ({ count, seconds }: Written) => count / seconds;
  const mean = (all: readonly Written[]) => all.reduce((sum, { bytes }) => sum + bytes / runs, 0) / all.length;
  return {
    perSecond: summarize(ours.map(rate)),
    executionsPerSecond: summarize(ours.map(({ seconds }) => (runs * executionsPerRun) / seconds)),
    floorPerSecond: summarize(floor.map(rate)),
    ratio: summarize(ratios(floor.map(rate), ours.map(rate))),
    ...{ runBytes: mean(ours), floorRunBytes: mean(floor) },
  };
}

/** Numbers that no made ledger has, of the last day. */
const [firstNew, ofAll] = [10_000_000, 10_100_000];

/** Those that come as spans: of ten, one comes by calls, and two with what models and tools did. */
export function spansOf(run: number): Fact[] {
  return runFacts(firstNew + Math.floor(run / 9) * 10 + 1 + (run % 9), ofAll);
}

export function callsOf(run: number): Fact[] {
  return runFacts(firstNew + run * 10 + 10, ofAll);
}

export const sqliteTelemetry: Way = {
  ours: (runs) =>
    inFolder(async (file) => {
      const ledger = await openLedger(file);
      const written = await inBatches(runs.flat(), (batch) => ledger.record(batch));
      await ledger.close();
      return written;
    }),
  floor: (runs) => inFolder((file) => plainInserts(file, runs.flatMap(rowsOf), batchSpans)),
};

/** Each call is on disk when it returns. */
export const sqliteCalls: Way = {
  ours: (runs) =>
    inFolder(async (file) => {
      const monitor = getMonitor({ db: file, strict: true });
      const calls = runs.flat() as ApiFact[];
      const startedAt = performance.now();
      for (const call of calls) tell(monitor, call);
      const seconds = (performance.now() - startedAt) / 1000;
      monitor.close();
      return { count: calls.length, seconds };
    }),
  // A row when work begins, and one when it has ended.
  floor: (runs) =>
    inFolder((file) =>
      plainInserts(
        file,
        runs.flatMap(rowsOf).flatMap((row) => [row, row]),
        1,
      ),
    ),
};

function tell(monitor: ReturnType<typeof getMonitor>, { kind, session_id, agent_session_id, data }: ApiFact): void {
  const [sessionId, agentSessionId] = [session_id ?? '', agent_session_id ?? ''];
  const status = data.status as 'completed' | 'failed';
  if (kind === 'orchestration_started') {
    begun = monitor.startOrchestration({ sessionId, totalTasks: executionsPerRun });
  } else if (kind === 'orchestration_completed') {
    monitor.completeOrchestration({ sessionId, status });
  } else if (kind === 'execution_started') {
    const agentName = data.agent_name as string;
    monitor.startAgentExecution({ agentSessionId, agentName, orchestrationId: begun });
  } else {
    monitor.completeAgentExecution({ agentSessionId, status, filesModified: 5 });
  }
}

/** The id of the run that began last. */
let begun = '';

/** The rows of a run, as the ledger would have them. */
export function rowsOf(facts: readonly Fact[]): Readonly<Record<string, unknown>>[] {
  const { orchestrations, executions, steps } = fold(facts);
  return [...orchestrations, ...executions, ...steps] as unknown as Record<string, unknown>[];
}

export async function inBatches<One>(all: readonly One[], write: (some: readonly One[]) => Promise<unknown>) {
  const startedAt = performance.now();
  for (let at = 0; at < all.length; at += batchSpans) await write(all.slice(at, at + batchSpans));
  return { count: all.length, seconds: (performance.now() - startedAt) / 1000 };
}

/** Into a table of its own beside the ledger's, empty ones: so that the file is opened in the same mode. */
async function plainInserts(file: string, rows: readonly Readonly<Record<string, unknown>>[], together: number) {
  const ledger = new SqliteLedger(file);
  const { database } = ledger.connection;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  database.exec(`CREATE TABLE plain (${columns})`);
  const insert = database.prepare(`INSERT INTO plain VALUES (${columns.map(() => '?')})`);
  const values = rows.map((row) => columns.map((column) => plain(row[column])));
  const startedAt = performance.now();
  for (let at = 0; at < values.length; at += together) {
    database.exec('BEGIN IMMEDIATE');
    for (const each of values.slice(at, at + together)) insert.run(...each);
    database.exec('COMMIT');
  }
  const seconds = (performance.now() - startedAt) / 1000;
  ledger.close();
  return { count: rows.length, seconds };
}

function plain(value: unknown): string | number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return (value ?? null) as string | number | null;
}

/** A database of its own: what it takes on disk is what was written, less what an empty one takes. */
async function inFolder(work: (file: string) => Promise<Omit<Written, 'bytes'>>): Promise<Written> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-rate-'));
  try {
    const [empty, file] = [join(folder, 'empty.db'), join(folder, 'ledger.db')];
    new SqliteLedger(empty).close();
    const written = await work(file);
    return { ...written, bytes: statSync(file).size - statSync(empty).size };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
