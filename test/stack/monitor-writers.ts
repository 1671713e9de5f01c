/** Programs that write to one ledger, are killed and started again; what they were told; and whether the ledger has it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { factOf } from '../../monitor/ledger/body.ts';
import type { Fact } from '../../monitor/ledger/fact.ts';
import { openLedger } from '../../monitor/store/open.ts';
import { type Run, runsIn } from './monitor-command.ts';

export type Kind = 'calls' | 'spans' | 'both' | 'liar';

/** What a program was told is durable. */
export interface Told {
  readonly what: 'began' | 'agent-began' | 'agent-ended' | 'ended' | 'spans';
  readonly session: string;
  /** Of an agent. */
  readonly agent: string;
}

/** One place among the writers: a program, and after it another. */
export class Writer {
  readonly told: Told[] = [];
  /** What its programs said on standard error. */
  readonly said: string[] = [];
  readonly #file: string;
  readonly #kind: Kind;
  readonly #name: string;
  #programs = 0;
  #child: ChildProcess | undefined;
  /** Resolves when the program that was started last is gone, and all that it wrote is read. */
  gone: Promise<unknown> = Promise.resolve();

  constructor(file: string, kind: Kind, name: string) {
    this.#file = file;
    this.#kind = kind;
    this.#name = name;
  }

  /** The program that was started last has written something. */
  isAtWork = false;

  start(): void {
    this.isAtWork = false;
    const program = join(import.meta.dirname, 'monitor-writer.ts');
    const child = spawn(
      process.execPath,
      [program, this.#file, `${this.#kind}-${this.#name}-${this.#programs++}`, this.#kind],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    this.gone = once(child, 'close');
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.isAtWork = true;
      const [what, session = '', agent = ''] = line.split(' ');
      this.told.push({ what: what as Told['what'], session, agent });
    });
    child.stderr.on('data', (text) => this.said.push(`${this.#kind}: ${text}`));
  }

  /** Resolves when it is gone. SIGTERM: it ends what it does first. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#child?.kill(signal);
    await this.gone;
  }

  get exitCode(): number | null {
    return this.#child?.exitCode ?? null;
  }
}

export interface Judgement {
  /** What is not as it was promised, one line each. */
  readonly faults: readonly string[];
  readonly runs: number;
  readonly facts: number;
  /** Begun, and not ended. */
  readonly unfinished: number;
}

/** Opens the file as it was left, and compares it with what its writers were told, and with what its facts make anew. */
export async function judge(file: string, told: readonly Told[]): Promise<Judgement> {
  const runs = await runsIn(file);
  const facts = factsIn(file);
  const faults = [...missing(runs, told), ...halves(runs)];
  const ledger = await openLedger(file);
  const damage = await ledger.damage();
  await ledger.close();
  if (damage) faults.push(`damaged: ${damage}`);
  const anew = await openLedger(`${file}.anew`);
  for (let from = 0; from < facts.length; from += 5000) await anew.record(facts.slice(from, from + 5000));
  await anew.close();
  const whole = new Map((await runsIn(`${file}.anew`)).map((run) => [run.orchestration.id, JSON.stringify(run)]));
  for (const run of runs) {
    if (whole.get(run.orchestration.id) !== JSON.stringify(run))
      faults.push(`${run.orchestration.session_id}: its rows are not those of its facts`);
    whole.delete(run.orchestration.id);
  }
  for (const id of whole.keys()) faults.push(`${id}: its facts have no row`);
  const unfinished = runs.filter(({ orchestration }) => orchestration.completed_at === null).length;
  return { faults, runs: runs.length, facts: facts.length, unfinished };
}

/** As they are kept. */
export function factsIn(file: string): Fact[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const bodies = database.prepare('SELECT body FROM facts ORDER BY id').all();
  database.close();
  return bodies.map(({ body }) => factOf(body as string));
}

/** What a program was told and the ledger has not. */
function missing(runs: readonly Run[], told: readonly Told[]): string[] {
  const known = new Map(runs.map((run) => [run.orchestration.session_id, run]));
  return told.flatMap(({ what, session, agent }) => {
    const run = known.get(session);
    const execution = run?.executions.find(({ agent_session_id }) => agent_session_id === agent);
    const isThere = {
      began: () => run !== undefined,
      'agent-began': () => execution !== undefined,
      'agent-ended': () => execution?.status === 'completed' && execution.files_created === 3,
      ended: () => run?.orchestration.status === 'completed' && run.orchestration.completed_tasks === 2,
      spans: () => run?.orchestration.trace_id === `t-${session}`,
    }[what];
    return isThere() ? [] : [`${session}: ${what} ${agent} was told, and is not there`];
  });
}

/** Spans come in one transaction: a run has all of them or none. Also of a ledger that is being written to. */
export function halves(runs: readonly Run[]): string[] {
  return runs.flatMap(({ orchestration: { session_id, trace_id, cost_micro_usd }, executions, steps }) => {
    if (trace_id === null) return [];
    const found = [executions.filter(({ span_id }) => span_id !== null).length, steps.length, cost_micro_usd];
    return found.join() === expected.join() ? [] : [`${session_id}: it is half there, ${found} instead of ${expected}`];
  });
}

/** Of the telemetry of a run: executions, steps, money in micro-USD. */
const expected = [2, 9, 18_345.6];
