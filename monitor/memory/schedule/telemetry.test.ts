import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type DataPoint, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import * as catalog from '../../../instrumentation/src/catalog/operational-memory.ts';
import { Telemetry, traced, untraced } from './telemetry.ts';

class Reader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

const values = async (reader: Reader, metric: { name: string }) => {
  const { resourceMetrics } = await reader.collect();
  const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const found = all.find(({ descriptor }) => descriptor.name === metric.name)?.dataPoints ?? [];
  return Object.fromEntries(
    (found as DataPoint<number | Histogram>[]).map(({ attributes, value }) => [
      Object.values(attributes).join(),
      typeof value === 'number' ? value : value.sum,
    ]),
  );
};

const since = Date.parse('2026-02-14T09:00Z');
const sinceMs = async () => since;

test('M01 until a day is written, a start anew does not make it less late; where that cannot be asked, the start counts', async () => {
  let nowMs = since;
  let isAway = false;
  const told = async () => {
    const reader = new Reader();
    const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
    const ask = async () => (isAway ? Promise.reject(new Error('away')) : since);
    new Telemetry({ now: () => nowMs, newestDay: async () => undefined, sinceMs: ask, meter });
    nowMs += 3_600_000;
    return values(reader, catalog.newestDay);
  };
  for (let start = 0; start < 3; start++) expect(await told()).toEqual({ '': since / 1000 });
  isAway = true;
  const startedAt = nowMs;
  expect(await told()).toEqual({ '': startedAt / 1000 });
});

test('M01 says which job was done last, how long it took, what failed, and which day is the newest', async () => {
  const reader = new Reader();
  let nowMs = Date.parse('2026-02-16T07:00Z');
  let day: string | undefined;
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  const telemetry = new Telemetry({ now: () => nowMs, newestDay: async () => day, sinceMs, meter });
  // None yet: since anything was measured it may become late.
  expect(await values(reader, catalog.newestDay)).toEqual({ '': since / 1000 });
  expect(await values(reader, catalog.jobLastSuccess)).toEqual({});
  nowMs += 60_000;
  telemetry.made('day', 12);
  telemetry.failed('hour');
  telemetry.failed('hour');
  day = '2026-02-15';
  expect(await values(reader, catalog.newestDay)).toEqual({ '': Date.parse('2026-02-16') / 1000 });
  expect(await values(reader, catalog.jobLastSuccess)).toEqual({ day: nowMs / 1000 });
  expect(await values(reader, catalog.jobDuration)).toEqual({ day: 12 });
  expect(await values(reader, catalog.jobFailures)).toEqual({ hour: 2 });
});

test('B11 says which errors came back, and asks no more often than every ten minutes', async () => {
  const reader = new Reader();
  let nowMs = 0;
  const answers = [['aaaaaaaaaaaa', 'bbbbbbbbbbbb'], []];
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  const returnedErrors = async () => answers.shift() ?? expect.unreachable();
  new Telemetry({ now: () => nowMs, newestDay: async () => undefined, sinceMs, returnedErrors, meter });
  for (const at of [0, 599_999]) {
    nowMs = at;
    expect(await values(reader, catalog.errorReturned)).toEqual({ aaaaaaaaaaaa: 1, bbbbbbbbbbbb: 1 });
  }
  nowMs = 600_000;
  expect(await values(reader, catalog.errorReturned)).toEqual({ aaaaaaaaaaaa: 0, bbbbbbbbbbbb: 0 });
});

test('M01 a period that is made is one trace with what was asked for it; what is only looked at is none', async () => {
  const spans = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] });
  const ask = async () => provider.getTracer('test').startSpan('POST').end();
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  try {
    await untraced(async () => {
      await ask();
      await traced({ job: 'hour', period: '2026-02-15T09' }, ask);
      await expect(
        traced({ job: 'day', period: '2026-02-15' }, () => Promise.reject(new Error('away'))),
      ).rejects.toThrow();
    });
  } finally {
    trace.disable();
    context.disable();
  }
  const told = spans.getFinishedSpans().map(({ name, attributes, parentSpanContext, status }) => ({
    ...{ name, attributes, isRoot: parentSpanContext === undefined, message: status.message },
  }));
  const name = catalog.jobSpan.name;
  const of = (job: string, period: string) => ({ 'monitor.memory.job': job, 'monitor.memory.period': period });
  expect(told).toEqual([
    { name: 'POST', attributes: {}, isRoot: false, message: undefined },
    { name, attributes: of('hour', '2026-02-15T09'), isRoot: true, message: undefined },
    { name, attributes: { ...of('day', '2026-02-15'), 'error.type': 'Error' }, isRoot: true, message: 'away' },
  ]);
});
