import { backupDeadlineSeconds } from '../stack.ts';

/**
 * What a fleet promises and what it may spend. Alerts fire on these numbers and dashboards draw them as lines: change one here,
 * run `npm run generate`, and rules, their tests, runbooks and panels follow. Shares are 0 to 1, times are seconds.
 */
export const targets = {
  /** Money: the budget of a day, and the share above it that is told. (A02) */
  cost: { usdPerDay: 23, marginShare: 0.1 },
  /** What was counted against what a provider bills, as a share of the bill. (C03) */
  costDrift: 0.01,
  /** All agents together. (A13) */
  tokensPerMinute: 10_000,
  /** Share of tasks that fail, over 5 minutes: colours of the dashboards, then what is told. (D01, A01, A11) */
  taskFailures: { green: 0.01, red: 0.03, critical: 0.05, singleAgent: 0.1 },
  /** Tasks a minute: colours of the dashboards. (D01) */
  tasksPerMinute: { normal: 50, yellow: 100, red: 150 },
  /** 95 of 100 tasks take less; a single agent may be slower. (A04, A12) */
  taskSeconds: { p95: 5, singleAgentP95: 10, outlier: 2.5 },
  /** The aim of an answer, and when it is told that it comes late; how many may wait. (T03, A03, A07) */
  approval: { aimSeconds: 60, lateSeconds: 120, pending: 5 },
  /** An agent that has shown no sign of life for so long is silent; after an hour, or after fewer signs, it is not expected. (A08) */
  silence: { seconds: 300, expectedSeconds: 3600, signsOfLife: 10 },
  /** Refused skills and permissions: so many times the usual, and so many in 10 minutes at least. (A05) */
  denials: { factor: 3, atLeast: 10 },
  /** What an agent, or the money, usually is: so many times that, and at least so much, is unusual. (A09, A18) */
  unusual: { factor: 3, tokens: 20_000, skillAccesses: 20, usdPerDay: 5 },
  /** Broken rules an hour. (A06) */
  auditViolationsPerHour: 1,
  /** Failed authentications a minute. (A16) */
  failedAuthenticationsPerMinute: 10,
  /** Share of an API's rate limit that is used. (A10) */
  rateLimit: { near: 0.8, high: 0.95 },
  /** Items that wait in one queue. (A14) */
  queueDepth: 100,
  /** The services' own API. (A16, A17) */
  apiSeconds: { p95: 0.2, p95Critical: 0.5 },
  /** CPU and memory, 0 to 1; capacity for planning. (A17, A18) */
  utilization: { high: 0.8, capacity: 0.7 },
  /** Share of quality gates that pass: told below the first, the aim is the second. (A18, D10) */
  gates: { least: 0.85, aim: 0.9 },
  /** Share of an error budget of 30 days: with less than this left, nothing risky is done. (D05, D10) */
  errorBudgetLow: 0.1,
  /** Runs of one workflow: the share that fails. Typically so many times slower than on the day before, from so many seconds on. (A15) */
  workflows: { failures: 0.1, failuresHigh: 0.25, slowFactor: 2, slowAtLeastSeconds: 10 },
  /** Share of an agent's runs that are another attempt. (A15) */
  retries: 0.5,
  /** A service that pushed without a gap for so many minutes and then not for so many seconds is down. (A15, A16) */
  down: { expectedMinutes: 25, seconds: 120 },
  /** Share of answers, operations, commands that fail: for ten minutes, and at once. (A16, A17) */
  failures: { high: 0.02, critical: 0.05 },
  /** What 99 of 100 turns of the event loop are late by at most. (A15) */
  eventLoopSeconds: { lagging: 0.2, stuck: 1 },
  /** Share that fails of delegations, requests to GitHub, loaded modules, sessions, gates. (A16, A17) */
  steps: { delegations: 0.5, github: 0.9, modules: 0.25, sessions: 0.1, gates: 0.2 },
  /** Share of written code that fails the gate "documentation"; the score, 0 to 1, by which feedback declines. (A18) */
  quality: { undocumented: 0.2, feedbackDrop: 0.1 },
  /** The slow tasks of the last hour, so many times slower than on the day before, from so many seconds on. (A18) */
  trend: { slowFactor: 1.5, slowAtLeastSeconds: 2.5 },
  /** Tasks of an hour: so many usual deviations from that time of the last seven days. (A18) */
  usage: { deviations: 5, tasks: 100 },
  /** What is worth a look when there is time: shares of input from the cache, of unknown commands, of failed tool calls and money. (A18) */
  advice: { cached: 0.1, inputTokens: 1_000_000, unknownCommands: 0.1, toolFailures: 0.5, wasted: 0.2, wastedUsd: 1 },
  /** The stack itself: share of a queue and of the disk that is used; growth of the number of series within an hour. (A19) */
  stack: { queueHigh: 0.5, queueCritical: 0.8, diskHigh: 0.8, diskCritical: 0.9, seriesFactor: 1.5, series: 50_000 },
  /**
   * From alert to person: silent for so many seconds it is down; nobody told, or a message waiting, for so many; share of attempts
   * by one channel that fail; requests turned away within ten minutes. (X01–X05)
   */
  escalation: { downSeconds: 120, untoldSeconds: 120, waitingSeconds: 180, failedAttempts: 0.5, refused: 40 },
  /**
   * The run ledger: silent for so many seconds it is down; so many without a write, while workflows run, are too many; requests
   * turned away within ten minutes; bytes of its database. (R02, R03)
   */
  ledger: { downSeconds: 300, silentSeconds: 600, refused: 40, databaseBytes: 8 * 1024 ** 3 },
  /**
   * Age of the newest backup, of what is backed up each day and each week, by which the next one must have ended: 31 h, and 7 d 7 h; when
   * somebody must look at once: two days more, and a week more. (P05)
   */
  backupSeconds: {
    ...{ day: backupLateAfter(1), week: backupLateAfter(7) },
    ...{ dayHigh: backupLateAfter(3), weekHigh: backupLateAfter(14) },
  },
  /**
   * From the end of the newest day that is written down: the next one is over a day later, has its late samples after 6 hours, and an hour
   * to be made in; silent for so long, it is down. (M01)
   */
  memorySeconds: { warning: 31 * 3600, high: 79 * 3600, down: 180 },
  /** Until a certificate between parts ends: three weeks. cert-manager would have renewed it nine days before; by hand there is time. (P06) */
  certificateSeconds: 1_814_400,
  /** The fewest events that a share or a quantile is told on: fewer say nothing. */
  enough: {
    runs: 10,
    delegations: 10,
    github: 10,
    modules: 2,
    sessions: 20,
    gates: 20,
    feedback: 50,
    commands: 50,
    toolCalls: 20,
    tasks: 20,
    approvals: 3,
    modelCalls: 20,
    requests: 50,
  },
} as const satisfies Targets;

/** A run counts from its beginning and is told at its end: so many days, as long as a run may take, and an hour in which it is told. */
function backupLateAfter(days: number): number {
  return days * 86_400 + backupDeadlineSeconds + 3600;
}

export interface Targets {
  readonly cost: Record<'usdPerDay' | 'marginShare', number>;
  readonly costDrift: number;
  readonly tokensPerMinute: number;
  readonly taskFailures: Record<'green' | 'red' | 'critical' | 'singleAgent', number>;
  readonly tasksPerMinute: Record<'normal' | 'yellow' | 'red', number>;
  readonly taskSeconds: Record<'p95' | 'singleAgentP95' | 'outlier', number>;
  readonly approval: Record<'aimSeconds' | 'lateSeconds' | 'pending', number>;
  readonly silence: Record<'seconds' | 'expectedSeconds' | 'signsOfLife', number>;
  readonly denials: Record<'factor' | 'atLeast', number>;
  readonly unusual: Record<'factor' | 'tokens' | 'skillAccesses' | 'usdPerDay', number>;
  readonly auditViolationsPerHour: number;
  readonly failedAuthenticationsPerMinute: number;
  readonly rateLimit: Record<'near' | 'high', number>;
  readonly queueDepth: number;
  readonly apiSeconds: Record<'p95' | 'p95Critical', number>;
  readonly utilization: Record<'high' | 'capacity', number>;
  readonly gates: Record<'least' | 'aim', number>;
  readonly errorBudgetLow: number;
  readonly workflows: Record<'failures' | 'failuresHigh' | 'slowFactor' | 'slowAtLeastSeconds', number>;
  readonly retries: number;
  readonly down: Record<'expectedMinutes' | 'seconds', number>;
  readonly failures: Record<'high' | 'critical', number>;
  readonly eventLoopSeconds: Record<'lagging' | 'stuck', number>;
  readonly steps: Record<'delegations' | 'github' | 'modules' | 'sessions' | 'gates', number>;
  readonly quality: Record<'undocumented' | 'feedbackDrop', number>;
  readonly trend: Record<'slowFactor' | 'slowAtLeastSeconds', number>;
  readonly usage: Record<'deviations' | 'tasks', number>;
  readonly advice: Record<
    'cached' | 'inputTokens' | 'unknownCommands' | 'toolFailures' | 'wasted' | 'wastedUsd',
    number
  >;
  readonly stack: Record<
    'queueHigh' | 'queueCritical' | 'diskHigh' | 'diskCritical' | 'seriesFactor' | 'series',
    number
  >;
  readonly escalation: Record<
    'downSeconds' | 'untoldSeconds' | 'waitingSeconds' | 'failedAttempts' | 'refused',
    number
  >;
  readonly ledger: Record<'downSeconds' | 'silentSeconds' | 'refused' | 'databaseBytes', number>;
  readonly backupSeconds: Record<'day' | 'week' | 'dayHigh' | 'weekHigh', number>;
  readonly memorySeconds: Record<'warning' | 'high' | 'down', number>;
  readonly certificateSeconds: number;
  readonly enough: Record<
    | 'runs'
    | 'delegations'
    | 'github'
    | 'modules'
    | 'sessions'
    | 'gates'
    | 'feedback'
    | 'commands'
    | 'toolCalls'
    | 'tasks'
    | 'approvals'
    | 'modelCalls'
    | 'requests',
    number
  >;
}
