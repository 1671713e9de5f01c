/** What is so in the sixty days, and what only looks as if it were: the list that what is found is held against. */
import { fingerprint } from '../../ledger/fingerprint.ts';
import type { FindingKind } from '../record.ts';

/** A Thursday. */
export const firstDate = '2026-01-01';
/** Prometheus was not there from its midnight to the next: metrics of it are lost, the ledger has it whole. */
export const gapDate = '2026-01-21';

const slowFrom = '2026-01-26';
const fixedFrom = '2026-02-04';
const backFrom = '2026-02-19';
const leanFrom = '2026-02-09';
const badDate = '2026-02-10';
const togetherDates: readonly string[] = ['2026-01-13', '2026-01-15'];

export interface Failure {
  readonly type: string;
  readonly message: string;
  /** The call was refused; otherwise the model has answered, and its answer was of no use. */
  readonly isOfModel: boolean;
}

export const failures = {
  schema: { type: 'ValidationError', message: 'The answer has no field "summary".', isOfModel: false },
  conflict: {
    type: 'ConflictError',
    message: 'Cannot apply the migration: another one holds the lock.',
    isOfModel: false,
  },
  limit: { type: 'RateLimitError', message: 'Too many requests: try again in 20 s.', isOfModel: true },
  silence: { type: 'TimeoutError', message: 'No answer within 30000 ms.', isOfModel: true },
  broken: { type: 'ConnectionError', message: 'The other side closed the connection.', isOfModel: true },
} as const satisfies Record<string, Failure>;

/** One kind of work, as it is on a day. */
export interface Planned {
  readonly agent: string;
  readonly operation: string;
  readonly model: string;
  readonly tool: { readonly name: string; readonly microUsd: number } | undefined;
  /** In the middle; below 10 exactly. */
  readonly times: (date: string) => number;
  /** Share that fails; 1 or more: so many. */
  readonly fails: (date: string) => number;
  readonly failure: Failure;
  /** In the middle, both. */
  readonly ms: (date: string) => number;
  readonly tokens: (date: string) => readonly [input: number, output: number];
}

const [opus, sonnet, haiku] = ['claude-opus-4-5', 'claude-sonnet-4-5', 'claude-haiku-4-5'] as const;
const middle: readonly [number, number] = [4000, 600];

function habit(agent: string, operation: string, more: Partial<Planned> = {}): Planned {
  return {
    ...{ agent, operation, model: sonnet, tool: undefined, times: () => 40, ms: () => 4000, tokens: () => middle },
    ...{ fails: () => 0.05, failure: failures.schema, ...more },
  };
}

export const habits: readonly Planned[] = [
  habit('director', 'plan', { model: opus, times: () => 12, ms: () => 9000, fails: () => 0.02 }),
  // A few were tried with another model in one week, and all went well: too few to say anything.
  habit('director', 'plan', { model: haiku, times: (date) => (date === '2026-02-05' ? 8 : 0), fails: () => 0 }),
  // One bad day, by chance: its week as a whole is like others.
  habit('code', 'write', { fails: (date) => (date === badDate ? 0.15 : 0.05) }),
  habit('code', 'migrate', { fails: () => 0.3, failure: failures.conflict }),
  habit('qa', 'migrate'),
  habit('qa', 'verify', { ms: (date) => (date >= slowFrom ? 7500 : 4000) }),
  habit('research', 'search', {
    tool: { name: 'search', microUsd: 500 },
    tokens: (date) => (date >= leanFrom ? [2000, 400] : middle),
  }),
  habit('research', 'summarise'),
  habit('research', 'summarise', { model: haiku }),
  // Hardly ever at work: in one week four of its six tasks fail.
  habit('docs', 'translate', {
    times: (date) => (['2026-01-12', '2026-01-14', '2026-01-16'].includes(date) ? 2 : date.endsWith('4') ? 1 : 0),
    fails: (date) => ({ '2026-01-12': 2, '2026-01-14': 1, '2026-01-16': 1 })[date] ?? 0,
  }),
];

/** Failures that come over work from outside, on a day. */
export interface Storm {
  readonly agent: string;
  readonly operation: string;
  readonly failure: Failure;
  /** How many tasks it strikes. */
  readonly onDate: (date: string, random: () => number) => number;
}

export const storms: readonly Storm[] = [
  {
    ...{ agent: 'research', operation: 'search', failure: failures.limit },
    onDate: (date, random) => {
      const isChance = random() < 0.8;
      if (date >= fixedFrom && date < backFrom) return 0;
      return isChance || date === backFrom ? 2 : 0;
    },
  },
  // Two errors that come together twice in one week, and never again.
  ...(['silence', 'broken'] as const).map(
    (name): Storm => ({
      ...{ agent: 'qa', operation: 'verify', failure: failures[name] },
      onDate: (date) => (togetherDates.includes(date) ? 1 : 0),
    }),
  ),
];

/** One finding that is to be told. */
export interface Plant {
  readonly what: string;
  readonly kind: FindingKind;
  readonly key: string;
  /** Weeks in which it is true; to be found in one of them at least. */
  readonly weeks: readonly [first: string, last: string];
}

const always = ['2026-W01', '2026-W09'] as const;
const error = (name: keyof typeof failures, kind: FindingKind) => `error/${fingerprint(failures[name])}/${kind}`;

export const plants: readonly Plant[] = [
  {
    ...{ what: 'an agent that fails on one task type', kind: 'agent-task' },
    ...{ key: 'agent-task/code/migrate', weeks: always },
  },
  {
    ...{ what: 'a model that is cheaper at equal success', kind: 'model-choice' },
    ...{ key: `model-choice/summarise/${haiku}-instead-of-${sonnet}`, weeks: always },
  },
  ...(['p50_ms', 'p95_ms'] as const).map(
    (measure): Plant => ({
      ...{ what: `a regression in week 5, ${measure}`, kind: 'regression' },
      ...{ key: `regression/qa/verify/${measure}`, weeks: ['2026-W05', '2026-W05'] },
    }),
  ),
  {
    ...{ what: 'a prompt made shorter in week 7', kind: 'improvement' },
    ...{ key: 'improvement/research/search/p50_cost_micro_usd', weeks: ['2026-W07', '2026-W07'] },
  },
  ...(['schema', 'conflict'] as const).map(
    (name): Plant => ({
      ...{ what: `an error of every day, ${failures[name].type}`, kind: 'recurring-error' },
      ...{ key: error(name, 'recurring-error'), weeks: always },
    }),
  ),
  {
    ...{ what: 'an error that is fixed in week 6 and returns in week 8: until then', kind: 'recurring-error' },
    ...{ key: error('limit', 'recurring-error'), weeks: always },
  },
  {
    ...{ what: 'an error that is fixed in week 6: gone', kind: 'quiet-error' },
    ...{ key: error('limit', 'quiet-error'), weeks: ['2026-W06', '2026-W07'] },
  },
  {
    ...{ what: 'an error that is fixed in week 6: back in week 8', kind: 'returned-error' },
    ...{ key: error('limit', 'returned-error'), weeks: ['2026-W08', '2026-W08'] },
  },
];

/** What means nothing, and whoever claims it is wrong. */
export interface Coincidence {
  readonly what: string;
  /** Keys of findings that would claim it. */
  readonly claims: (key: string) => boolean;
}

export const coincidences: readonly Coincidence[] = [
  {
    what: 'four of six tasks of an agent fail in one week',
    claims: (key) => /\/(docs|translate)\//.test(`${key}/`),
  },
  {
    what: 'a model that eight tasks were tried with costs less',
    claims: (key) => key.startsWith('model-choice/plan/'),
  },
  {
    what: 'one bad day of an agent',
    claims: (key) => /^(agent-task|regression|improvement)\/code\/write\b/.test(key),
  },
  {
    what: 'two errors that come together on two days',
    claims: (key) => (['silence', 'broken'] as const).some((name) => key.includes(fingerprint(failures[name]))),
  },
];

/** Incidents of the sixty days, as Alertmanager tells them. */
export interface PlantedIncident {
  readonly alertname: string;
  readonly severity: 'critical' | 'warning';
  readonly agent: string;
  readonly from: string;
  /** Undefined: it is open when the sixty days are over. */
  readonly to: string | undefined;
}

export const incidents: readonly PlantedIncident[] = [
  incident('AgentErrorRateHigh', 'critical', 'code', '2026-01-07T14:20:00Z', '2026-01-07T15:05:00Z'),
  incident('AgentTasksSlow', 'warning', 'qa', `${slowFrom}T09:40:00Z`, `${slowFrom}T18:10:00Z`),
  // Over midnight.
  incident('AgentErrorRateHigh', 'critical', 'code', `${badDate}T23:30:00Z`, '2026-02-11T00:45:00Z'),
  incident('AgentErrorRateHigh', 'critical', 'research', `${backFrom}T11:00:00Z`, `${backFrom}T16:30:00Z`),
  incident('AgentTasksSlow', 'warning', 'qa', '2026-02-27T10:00:00Z', undefined),
];

function incident(
  alertname: string,
  severity: PlantedIncident['severity'],
  agent: string,
  from: string,
  to: string | undefined,
): PlantedIncident {
  return { alertname, severity, agent, from, to };
}
