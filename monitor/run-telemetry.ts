/** Spans and metrics of what the monitor is told, under the names of the catalogue: as if the fleet API had run it. Never throws. */
import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  type Histogram,
  metrics,
  type Span,
  SpanStatusCode,
  trace,
  type UpDownCounter,
} from '@opentelemetry/api';
import * as agents from '../instrumentation/src/catalog/agents.ts';
import type { LabelsOf, Metric } from '../instrumentation/src/catalog/metric.ts';
import type { AttributesOf, SpanDeclaration } from '../instrumentation/src/catalog/span.ts';
import * as workflows from '../instrumentation/src/catalog/workflows.ts';
import { Bounds, otherValue } from '../service/bounds.ts';

const scope = 'fleetscope.monitor';

/** The API knows no workflows: all its runs are of one. */
export const workflow = 'orchestration';

export interface Ended {
  readonly startedMs: number;
  readonly endedMs: number;
  readonly failed: boolean;
}

interface Open {
  readonly span: Span;
  readonly inside: Context;
  /** Takes back what counts as under way. */
  readonly release?: () => void;
}

/** Spans of work that never ends are forgotten, the oldest first, and it no longer counts as under way. */
const atMost = 10_000;

const ofWorkflow = { 'workflow.name': workflow };

export class RunTelemetry {
  readonly #runs = new Map<string, Open>();
  readonly #agents = new Map<string, Open>();

  runStarted(session: string, startedMs: number): void {
    guard(() => {
      const opened = open(workflows.workflowExecute, runAttributes(session), startedMs, context.active());
      // By the same instrument: an SDK that is registered in between has not seen the beginning.
      const active = instrument(workflows.workflowsActive);
      active.add(1, ofWorkflow);
      const inside = belonging(opened, { workflowName: workflow, workflowId: session });
      keep(this.#runs, session, { ...inside, release: () => active.add(-1, ofWorkflow) });
    });
  }

  /** One that another process began has its span all the same, made now. */
  runEnded(session: string, { startedMs, endedMs, failed }: Ended): void {
    guard(() => {
      const seconds = (endedMs - startedMs) / 1000;
      const status = failed ? 'failed' : 'completed';
      const begun = this.#runs.get(session);
      this.#runs.delete(session);
      close(
        isReal(begun) ? begun : open(workflows.workflowExecute, runAttributes(session), startedMs, context.active()),
        { 'workflow.status': status, 'workflow.duration.ms': seconds * 1000 },
        endedMs,
        failed ? 'The run failed.' : undefined,
      );
      begun?.release?.();
      add(workflows.workflowRuns, 1, { ...ofWorkflow, 'workflow.trigger': 'manual', 'workflow.status': status });
      record(workflows.workflowDuration, seconds, { ...ofWorkflow, 'workflow.status': status });
    });
  }

  /** @param session that of its run; null: it has none. */
  agentStarted(agentSession: string, name: string, session: string | null, startedMs: number): void {
    guard(() => {
      const outer = (session !== null && this.#runs.get(session)?.inside) || context.active();
      const attributes = { ...agentAttributes(agentSession, name), ...(session !== null && ofWorkflow) };
      const opened = open(agents.agentExecute, attributes, startedMs, outer);
      const ofRun = session !== null && { workflowName: workflow, workflowId: session };
      keep(this.#agents, agentSession, belonging(opened, { agentName: name, agentId: agentSession, ...ofRun }));
    });
  }

  agentEnded(agentSession: string, name: string, ended: Ended & { retries: number; message: string | null }): void {
    guard(() => {
      const { startedMs, endedMs, failed, retries, message } = ended;
      const seconds = (endedMs - startedMs) / 1000;
      const labels = { 'agent.name': name };
      const status = failed ? 'failed' : 'completed';
      const begun = this.#agents.get(agentSession);
      this.#agents.delete(agentSession);
      close(
        isReal(begun)
          ? begun
          : open(agents.agentExecute, agentAttributes(agentSession, name), startedMs, context.active()),
        { 'agent.status': status, 'agent.duration.ms': seconds * 1000, 'agent.retries': retries },
        endedMs,
        failed ? (message ?? 'The agent failed.') : undefined,
      );
      // What it was asked to do, and of which class its error is, the API does not tell.
      add(agents.agentRuns, 1, { ...labels, 'agent.action': 'unknown', 'agent.status': status });
      record(agents.agentDuration, seconds, { ...labels, 'agent.status': status });
      if (failed) add(agents.agentErrors, 1, { ...labels, 'error.type': otherValue });
      if (retries > 0) add(agents.agentRetryCount, retries, labels);
    });
  }

  /** Runs `work` so that what is traced in it belongs to the execution, or to the run. */
  within<T>(session: string, work: () => T): T {
    const inside = (this.#agents.get(session) ?? this.#runs.get(session))?.inside;
    return inside ? context.with(inside, work) : work();
  }
}

function runAttributes(session: string): AttributesOf<typeof workflows.workflowExecute> {
  return { 'workflow.id': session, ...ofWorkflow, 'gen_ai.workflow.name': workflow, 'workflow.trigger': 'manual' };
}

/** The agent session is the instance, too: it names this execution and no other. */
function agentAttributes(session: string, name: string): AttributesOf<typeof agents.agentExecute> {
  const instance = { 'agent.session.id': session, 'agent.id': session, 'gen_ai.agent.id': session };
  return { ...instance, 'agent.name': name, 'gen_ai.agent.name': name };
}

function open<S extends SpanDeclaration>(
  { name, operation }: S,
  attributes: AttributesOf<S>,
  startTime: number,
  outer: Context,
): Open {
  const all = { ...(attributes as Attributes), ...(operation && { 'gen_ai.operation.name': operation }) };
  const span = trace.getTracer(scope).startSpan(name, { startTime, attributes: all }, outer);
  return { span, inside: trace.setSpan(outer, span) };
}

/** Whose work this is, as the fleet API reads it, whichever copy of it: what is counted inside is counted to the agent. */
const scopeKey = createContextKey('fleetscope.scope');

function belonging(
  opened: Open,
  whose: { workflowName?: string; workflowId?: string; agentName?: string; agentId?: string },
): Open {
  const around = opened.inside.getValue(scopeKey) as object | undefined;
  return { ...opened, inside: opened.inside.setValue(scopeKey, { ...around, ...whose }) };
}

/** Where no SDK was registered yet, a span is none. */
function isReal(begun: Open | undefined): begun is Open {
  return begun !== undefined && trace.isSpanContextValid(begun.span.spanContext());
}

function close({ span }: Open, attributes: Attributes, endTime: number, error: string | undefined): void {
  span.setAttributes(attributes);
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
  span.end(endTime);
}

function keep(opened: Map<string, Open>, session: string, one: Open): void {
  opened.get(session)?.release?.();
  opened.set(session, one);
  const [oldest] = opened;
  if (opened.size <= atMost || !oldest) return;
  opened.delete(oldest[0]);
  oldest[1].release?.();
}

/** Of all instruments that follow each other. */
const bounds = new Bounds();

type Of<Kind extends Metric['kind']> = Metric & { readonly kind: Kind };

function add<M extends Of<'counter'>>(metric: M, value: number, labels: LabelsOf<M>): void {
  instrument(metric).add(value, bounds.labelsOf(metric, labels as Attributes));
}

function record<M extends Of<'histogram'>>(metric: M, value: number, labels: LabelsOf<M>): void {
  instrument(metric).record(value, bounds.labelsOf(metric, labels as Attributes));
}

type Instrument = Pick<UpDownCounter, 'add'> & Pick<Histogram, 'record'>;
let provider: unknown;
let made = new Map<Metric, Instrument>();

/** Of whoever is registered now: unlike tracers, meters do not switch over. */
function instrument(metric: Metric): Instrument {
  const current = metrics.getMeterProvider();
  if (current !== provider) [provider, made] = [current, new Map()];
  const known = made.get(metric) ?? create(metric);
  made.set(metric, known);
  return known;
}

function create({ kind, name, unit, means, buckets }: Metric): Instrument {
  const meter = metrics.getMeter(scope);
  const options = { unit, description: means };
  if (kind === 'counter') return meter.createCounter(name, options) as unknown as Instrument;
  if (kind === 'upDownCounter') return meter.createUpDownCounter(name, options) as unknown as Instrument;
  return meter.createHistogram(name, {
    ...options,
    ...(buckets && { advice: { explicitBucketBoundaries: [...buckets] } }),
  }) as unknown as Instrument;
}

/** Our own part of the work: whatever goes wrong in it is no business of the host. */
function guard(work: () => void): void {
  try {
    work();
  } catch {
    // What is missing is seen in the telemetry.
  }
}
