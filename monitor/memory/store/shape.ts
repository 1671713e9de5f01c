/** Which fields each record has, in the order in which they are written: equal rows are equal bytes. A field of record.ts that is not here does not compile. */
import type {
  AgentDay,
  AlertDay,
  Anomaly,
  ApprovalDay,
  BatchDay,
  Counts,
  Decision,
  ErrorDay,
  Finding,
  IncidentDay,
  MetricDay,
  MetricHour,
  ModelDay,
  RestDay,
  Snapshot,
  Spending,
  ToolsetDay,
  WorkDay,
} from '../record.ts';

/** `value`: text, a number, or null. `values`: a list of such. `map`: such by names that are free, kept in order of the names. */
type Field<V> = V extends readonly (infer E)[]
  ? E extends object
    ? readonly [Shape<E>]
    : 'values'
  : V extends object
    ? string extends keyof V
      ? 'map'
      : Shape<V>
    : 'value';

export type Shape<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** One of any record. */
export type AnyField = 'value' | 'values' | 'map' | readonly [AnyShape] | AnyShape;
export interface AnyShape {
  readonly [field: string]: AnyField;
}

const counts = { started: 'value', completed: 'value', failed: 'value', in_progress: 'value' } as const;

const spending = {
  micro_usd: 'value',
  failed_micro_usd: 'value',
  input_tokens: 'value',
  output_tokens: 'value',
  unpriced_calls: 'value',
} as const satisfies Shape<Spending>;

const agent = {
  agent_name: 'value',
  ...(counts satisfies Shape<Counts>),
  p95_ms: 'value',
  cost: spending,
} as const satisfies Shape<AgentDay>;

const model = {
  model: 'value',
  calls: 'value',
  failed: 'value',
  cost: spending,
  cache_read_tokens: 'value',
  cache_write_tokens: 'value',
  reasoning_tokens: 'value',
} as const satisfies Shape<ModelDay>;

const way = { ended: 'value', failed: 'value', costs: 'value', went_well: 'values', went_wrong: 'values' } as const;
const batch = { size: 'value', ...way } as const satisfies Shape<BatchDay>;
const toolset = { tools: 'values', ...way } as const satisfies Shape<ToolsetDay>;

const work = {
  agent_name: 'value',
  operation: 'value',
  model: 'value',
  ended: 'value',
  failed: 'value',
  durations: 'value',
  costs: 'value',
  went_well: 'values',
  went_wrong: 'values',
  batches: [batch],
  toolsets: [toolset],
} as const satisfies Shape<WorkDay>;

const approvals = {
  asked: 'value',
  approved: 'value',
  rejected: 'value',
  unanswered: 'value',
  open: 'value',
  p50_wait_ms: 'value',
  p95_wait_ms: 'value',
} as const satisfies Shape<ApprovalDay>;

const alert = {
  alertname: 'value',
  severity: 'value',
  raised: 'value',
  resolved: 'value',
  incidents: 'values',
} as const satisfies Shape<AlertDay>;

const incidents = {
  raised: 'value',
  resolved: 'value',
  open: 'value',
  alerts: [alert],
} as const satisfies Shape<IncidentDay>;

const error = {
  fingerprint: 'value',
  error_type: 'value',
  error_message: 'value',
  times: 'value',
  first_at: 'value',
  last_at: 'value',
  cost_micro_usd: 'value',
  duration_ms: 'value',
  agents: 'values',
  sessions: 'values',
} as const satisfies Shape<ErrorDay>;

const rest = {
  agents: 'value',
  agents_started: 'value',
  agents_micro_usd: 'value',
  work: 'value',
  work_ended: 'value',
  work_failed: 'value',
  work_durations: 'value',
  errors: 'value',
  errors_times: 'value',
  errors_micro_usd: 'value',
} as const satisfies Shape<RestDay>;

const measured = {
  metric: 'value',
  labels: 'map',
  value: 'value',
  unit: 'value',
  coverage: 'value',
  gap: 'value',
} as const;

/** By the names of the tables. */
export const shapes = {
  metrics_hourly: { hour: 'value', ...measured } as const satisfies Shape<MetricHour>,
  metrics_daily: { date: 'value', ...measured } as const satisfies Shape<MetricDay>,
  snapshots: {
    date: 'value',
    state: 'value',
    through: 'value',
    ledger: 'value',
    tasks: counts,
    runs: counts,
    success_rate: 'value',
    error_rate: 'value',
    p50_ms: 'value',
    p95_ms: 'value',
    cost: spending,
    agents: [agent],
    models: [model],
    work: [work],
    approvals,
    decisions: 'values',
    incidents,
    errors: [error],
    rest,
    hours_measured: 'value',
    gaps: 'values',
  } as const satisfies Shape<Snapshot>,
  decisions_log: {
    id: 'value',
    date: 'value',
    at: 'value',
    agent_name: 'value',
    session_id: 'value',
    name: 'value',
    choice: 'value',
    confidence: 'value',
    reasoning: 'value',
    supporting: 'map',
    outcome: 'value',
    outcome_at: 'value',
  } as const satisfies Shape<Decision>,
  anomalies: {
    id: 'value',
    hour: 'value',
    metric: 'value',
    labels: 'map',
    value: 'value',
    expected: 'value',
    low: 'value',
    high: 'value',
    confidence: 'value',
    method: 'value',
    compared_with: 'value',
  } as const satisfies Shape<Anomaly>,
  findings: {
    week: 'value',
    key: 'value',
    kind: 'value',
    direction: 'value',
    numbers: 'map',
    words: 'map',
    sample: 'value',
    effect: 'value',
    low: 'value',
    high: 'value',
    confidence: 'value',
    method: 'value',
    evidence: 'values',
  } as const satisfies Shape<Finding>,
};
