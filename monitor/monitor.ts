/** Tells the run ledger, and telemetry, what a program runs: by calls that begin and end. Synchronous. */
import { type CamelCased, camelCased } from './camel-case.ts';
import { GivenCall, type Instant } from './given-call.ts';
import type { ApiFact } from './ledger/fact.ts';
import type { AgentExecution, Orchestration } from './ledger/record.ts';
import { executionId, isOrchestrationId, orchestrationId } from './ledger/run-key.ts';
import { RunTelemetry } from './run-telemetry.ts';
import type { ExecutionFilter, Health, Performance, Window } from './store/store.ts';
import { WaitingFacts } from './waiting-facts.ts';

export interface StartOrchestration {
  /** Unique: a run that is taken up again is another one. */
  readonly sessionId: string;
  readonly taskDescription?: string;
  readonly totalTasks?: number;
  readonly gitCommitHash?: string;
  readonly planFilePath?: string;
  readonly progressFilePath?: string;
  /** Default: now. For work that is written down later. */
  readonly startedAt?: Instant;
}

export interface CompleteOrchestration {
  readonly sessionId: string;
  readonly status: 'completed' | 'failed' | 'partial';
  readonly completedTasks?: number;
  readonly failedTasks?: number;
  /** Default: now. */
  readonly completedAt?: Instant;
}

export interface StartAgentExecution {
  /** Unique: another attempt is another session. */
  readonly agentSessionId: string;
  readonly agentName: string;
  /** What `startOrchestration` gave back. Without it, the execution stands alone. */
  readonly orchestrationId?: string;
  readonly taskId?: string;
  readonly taskNumber?: number;
  readonly sessionLogPath?: string;
  /** Default: now. */
  readonly startedAt?: Instant;
}

export interface CompleteAgentExecution {
  readonly agentSessionId: string;
  readonly status: 'completed' | 'failed';
  readonly filesCreated?: number;
  readonly filesModified?: number;
  /** Attempts before the one that ended it. */
  readonly retryCount?: number;
  readonly selfHealed?: boolean;
  readonly errorMessage?: string;
  readonly summaryReportPath?: string;
  readonly sessionLogPath?: string;
  /** Default: now. */
  readonly completedAt?: Instant;
}

export interface OrchestrationSummary {
  readonly orchestration: CamelCased<Orchestration>;
  /** In the order in which they began. */
  readonly executions: readonly CamelCased<AgentExecution>[];
}

/** What the monitor asks of a ledger; `SqliteLedger` is one. */
export interface HostLedger {
  orchestration(sessionIdOrId: string): Orchestration | undefined;
  execution(agentSessionIdOrId: string): AgentExecution | undefined;
  executions(filter: ExecutionFilter): AgentExecution[];
  health(sinceIso: string): Health;
  performance(window?: Window): Performance[];
  close(): void;
}

export interface MonitorOptions {
  readonly ledger: HostLedger;
  /** @returns false: a fact of this id is known, and nothing has changed. */
  readonly write: (fact: ApiFact) => boolean;
  /** True: a ledger that cannot be written to makes calls throw. Default: facts wait in memory, and a warning says so. */
  readonly strict?: boolean;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
  readonly elapsedMs?: () => number;
  /** Default: a warning of Node's. */
  readonly warn?: (message: string) => void;
  /** Facts that wait in memory at most, while the ledger cannot be written to. Default: 10 000. */
  readonly waitingAtMost?: number;
}

/** What is known of work that began here, until it ends. */
interface Begun {
  /** Undefined: the ledger cannot be read now. */
  readonly startedMs: number | undefined;
  readonly name: string;
}

/**
 * Misuse (ended twice, never begun, a count below zero) throws an Error that says what to do, and changes nothing. A ledger
 * that cannot be written to does not: see `strict`. Spans and metrics are emitted either way. (R03)
 */
export class Monitor {
  readonly #ledger: HostLedger;
  readonly #facts: WaitingFacts;
  readonly #strict: boolean;
  readonly #telemetry = new RunTelemetry();
  readonly #now: () => number;
  readonly #runs = new Map<string, Begun>();
  readonly #sessions = new Map<string, string>();
  readonly #agents = new Map<string, Begun>();

  constructor({ ledger, write, strict = false, now = Date.now, warn = warnByNode, ...rest }: MonitorOptions) {
    const { elapsedMs = () => performance.now(), waitingAtMost: atMost = 10_000 } = rest;
    this.#ledger = ledger;
    this.#now = now;
    this.#strict = strict;
    this.#facts = new WaitingFacts({ write, strict, warn, elapsedMs, atMost });
  }

  /** A run begins. @returns its id. */
  startOrchestration(given: StartOrchestration): string {
    const call = new GivenCall('start the orchestration', given);
    const session = call.id('sessionId');
    const startedMs = call.instant('startedAt') ?? this.#now();
    const isNew = this.#record('orchestration_started', `start run ${session}`, startedMs, session, null, {
      task_description: call.text('taskDescription'),
      total_tasks: call.count('totalTasks'),
      git_commit_hash: call.text('gitCommitHash'),
      plan_file_path: call.text('planFilePath'),
      progress_file_path: call.text('progressFilePath'),
    });
    if (!isNew)
      throw call.refusal(`the session "${session}" has been started already`, 'Give each run a sessionId of its own.');
    const id = orchestrationId(session);
    remember(this.#runs, session, { startedMs, name: session });
    remember(this.#sessions, id, session);
    this.#telemetry.runStarted(session, startedMs);
    return id;
  }

  /** A run has ended. Agents that are still at work stay so until they are completed. */
  completeOrchestration(given: CompleteOrchestration): void {
    const call = new GivenCall('complete the orchestration', given);
    const session = call.id('sessionId');
    const status = call.oneOf('status', ['completed', 'failed', 'partial']);
    const data = {
      status,
      completed_tasks: call.count('completedTasks'),
      failed_tasks: call.count('failedTasks'),
    };
    const begun = this.#runs.get(session) ?? this.#runElsewhere(session, call);
    const endedMs = this.#end(call, begun.startedMs);
    if (!this.#record('orchestration_completed', `end run ${session}`, endedMs, session, null, data))
      throw call.refusal(`the session "${session}" has been completed already`, 'Complete it once.');
    this.#runs.delete(session);
    const { startedMs = endedMs } = begun;
    this.#telemetry.runEnded(session, { startedMs, endedMs, failed: status === 'failed' });
  }

  /** An agent begins a task. @returns the execution's id. */
  startAgentExecution(given: StartAgentExecution): string {
    const call = new GivenCall('start the agent execution', given);
    const agentSession = call.id('agentSessionId');
    const name = call.id('agentName');
    const orchestration = call.text('orchestrationId');
    const data = {
      agent_name: name,
      orchestration_id: orchestration,
      task_id: call.text('taskId'),
      task_number: call.count('taskNumber'),
      session_log_path: call.text('sessionLogPath'),
    };
    const startedMs = call.instant('startedAt') ?? this.#now();
    const session = orchestration === null ? null : this.#sessionOf(orchestration, call);
    if (!this.#record('execution_started', `start agent ${agentSession}`, startedMs, session, agentSession, data))
      throw call.refusal(
        `the agent session "${agentSession}" has been started already`,
        'Give each execution an agentSessionId of its own.',
      );
    remember(this.#agents, agentSession, { startedMs, name });
    this.#telemetry.agentStarted(agentSession, name, session, startedMs);
    return executionId(agentSession);
  }

  /** An agent has ended its task. */
  completeAgentExecution(given: CompleteAgentExecution): void {
    const call = new GivenCall('complete the agent execution', given);
    const agentSession = call.id('agentSessionId');
    const data = {
      status: call.oneOf('status', ['completed', 'failed']),
      files_created: call.count('filesCreated'),
      files_modified: call.count('filesModified'),
      retry_count: call.count('retryCount'),
      self_healed: call.flag('selfHealed'),
      error_message: call.text('errorMessage'),
      summary_report_path: call.text('summaryReportPath'),
      session_log_path: call.text('sessionLogPath'),
    };
    const begun = this.#agents.get(agentSession) ?? this.#agentElsewhere(agentSession, call);
    const endedMs = this.#end(call, begun.startedMs);
    if (!this.#record('execution_completed', `end agent ${agentSession}`, endedMs, null, agentSession, data))
      throw call.refusal(`the agent session "${agentSession}" has been completed already`, 'Complete it once.');
    this.#agents.delete(agentSession);
    const { startedMs = endedMs, name } = begun;
    const { retry_count, error_message: message } = data;
    const failed = data.status === 'failed';
    this.#telemetry.agentEnded(agentSession, name, { startedMs, endedMs, failed, retries: retry_count ?? 0, message });
  }

  /** Runs `work` so that model calls, tools and whatever else is traced in it belong to a session that began here. */
  within<T>(agentSessionIdOrSessionId: string, work: () => T): T {
    return this.#telemetry.within(agentSessionIdOrSessionId.toWellFormed(), work);
  }

  /** Runs and executions that began in the last hours. Default: 24. */
  getSystemHealth(hours = 24): CamelCased<Health> {
    const call = new GivenCall('tell the health', { hours });
    if (!(typeof hours === 'number' && hours > 0 && Number.isFinite(hours)))
      throw call.refusal(`hours is ${hours}`, 'Give a number above 0.');
    this.#facts.flush();
    const sinceMs = Math.max(0, this.#now() - hours * 3_600_000);
    return camelCased(this.#ledger.health(new Date(sinceMs).toISOString()));
  }

  /** Each agent and operation: how often, how long, how many failed, what it cost; of all times. */
  getPerformanceReport(): CamelCased<Performance>[] {
    this.#facts.flush();
    return camelCased(this.#ledger.performance()) as CamelCased<Performance>[];
  }

  /** One run and its executions. @throws Error for a session that is not known. */
  getOrchestrationSummary(sessionId: string): OrchestrationSummary {
    const call = new GivenCall('tell of the orchestration', { sessionId });
    const session = call.id('sessionId');
    this.#facts.flush();
    const orchestration = this.#ledger.orchestration(session);
    if (!orchestration)
      throw call.refusal(`no run has the session "${session}"`, 'Look at "npm run monitor list" for those there are.');
    const executions = this.#ledger.executions({ orchestrationId: orchestration.id, limit: Number.MAX_SAFE_INTEGER });
    return { orchestration: camelCased(orchestration), executions: executions.map((one) => camelCased(one)) };
  }

  /** Writes what waits, and gives the file free. A process that ends does so by itself. */
  close(): void {
    this.#facts.close();
    this.#ledger.close();
  }

  #record(
    kind: ApiFact['kind'],
    id: string,
    atMs: number,
    session_id: string | null,
    agent_session_id: string | null,
    data: ApiFact['data'],
  ): boolean {
    const told = Object.entries(data).filter(([, value]) => value !== null);
    const at = new Date(atMs).toISOString();
    return this.#facts.record({
      source: 'api',
      id,
      at,
      kind,
      session_id,
      agent_session_id,
      data: Object.fromEntries(told),
    });
  }

  /** A clock that was set back makes no run end before it began; a caller who says so is wrong. */
  #end(call: GivenCall, startedMs = 0): number {
    const endedMs = call.instant('completedAt');
    if (endedMs === undefined) return Math.max(startedMs, this.#now());
    if (endedMs >= startedMs) return endedMs;
    const [ended, started] = [endedMs, startedMs].map((ms) => new Date(ms).toISOString());
    throw call.refusal(
      `completedAt is ${ended}, before its start at ${started}`,
      'Give the later of the two, or leave it out.',
    );
  }

  #runElsewhere(session: string, call: GivenCall): Begun {
    const waiting = this.#facts.get(`start run ${session}`);
    if (waiting) return { startedMs: Date.parse(waiting.at), name: session };
    const found = this.#facts.ask(() => this.#ledger.orchestration(session));
    if (found && found.answer?.session_id !== session)
      throw call.refusal(`no run has the session "${session}"`, 'Start it first, by startOrchestration.');
    return { startedMs: found?.answer && Date.parse(found.answer.started_at), name: session };
  }

  #agentElsewhere(agentSession: string, call: GivenCall): Begun {
    const waiting = this.#facts.get(`start agent ${agentSession}`);
    if (waiting) return { startedMs: Date.parse(waiting.at), name: String(waiting.data.agent_name) };
    const found = this.#facts.ask(() => this.#ledger.execution(agentSession));
    if (found && found.answer?.agent_session_id !== agentSession)
      throw call.refusal(
        `no execution has the agent session "${agentSession}"`,
        'Start it first, by startAgentExecution.',
      );
    const { started_at, agent_name: name = 'unknown' } = found?.answer ?? {};
    return { startedMs: started_at === undefined ? undefined : Date.parse(started_at), name };
  }

  #sessionOf(orchestration: string, call: GivenCall): string | null {
    const begunHere = this.#sessions.get(orchestration);
    if (begunHere !== undefined) return begunHere;
    const found = this.#facts.ask(() => this.#ledger.orchestration(orchestration));
    // Its beginning may wait in the memory of the process that began it: the two find each other once it is written.
    const mayWait = !this.#strict && isOrchestrationId(orchestration);
    if (found && !found.answer && !mayWait)
      throw call.refusal(
        `no run has the orchestrationId "${orchestration}"`,
        'Give what startOrchestration gave back, or leave it out.',
      );
    return found?.answer?.session_id ?? null;
  }
}

/** What began here and never ends is forgotten here, the oldest first; the ledger knows it still. */
const rememberedAtMost = 100_000;

function remember<Value>(known: Map<string, Value>, key: string, value: Value): void {
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > rememberedAtMost && oldest !== undefined) known.delete(oldest);
}

function warnByNode(message: string): void {
  process.emitWarning(message, { type: 'FleetscopeWarning', code: 'FLEETSCOPE_MONITOR' });
}
