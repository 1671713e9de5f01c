import { type DataPoint, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { metrics } from '../../instrumentation/src/catalog/catalog.ts';
import * as catalog from '../../instrumentation/src/catalog/monitor.ts';
import type { SpanFact } from '../ledger/fact.ts';
import { Telemetry } from './telemetry.ts';

class Reader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

const reader = new Reader();
const telemetry = new Telemetry({
  now: () => 60_000,
  waiting: () => 7,
  openRuns: async () => 3,
  space: () => ({ bytes: 4096, diskUsed: 0.5 }),
  meter: new MeterProvider({ readers: [reader] }).getMeter('test'),
});

const ended = (atMs: number) => ({ end_unix_nano: `${atMs}000000` }) as SpanFact;

async function points(metric: { name: string }): Promise<DataPoint<number | Histogram>[]> {
  const { resourceMetrics } = await reader.collect();
  const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  return all.find(({ descriptor }) => descriptor.name === metric.name)?.dataPoints as DataPoint<number | Histogram>[];
}

const values = async (metric: { name: string }) =>
  Object.fromEntries(
    (await points(metric)).map(({ attributes, value }) => [
      Object.values(attributes).join(),
      typeof value === 'number' ? value : value.sum,
    ]),
  );

test('R03 what became of spans and requests, how far behind the ledger is, and what it holds', async () => {
  telemetry.seen({ kept: [ended(58_000), ended(10_000)], others: 4, rejected: 1 });
  telemetry.seen({ kept: [], others: 1, rejected: 0 });
  telemetry.seen({ kept: [ended(90_000)], others: 0, rejected: 0 });
  telemetry.refused('busy');
  telemetry.wrote(0.25);
  telemetry.removed(0);
  telemetry.removed(9);
  expect(await values(catalog.factsReceived)).toEqual({ kept: 3, not_fleet: 5, malformed: 1 });
  // The oldest of each request; a clock ahead of ours is not behind.
  expect(await values(catalog.factLag)).toEqual({ '': 50 });
  expect(await values(catalog.ingestRefused)).toEqual({ busy: 1 });
  expect(await values(catalog.writeDuration)).toEqual({ '': 0.25 });
  expect(await values(catalog.factsWaiting)).toEqual({ '': 7 });
  expect(await values(catalog.openRuns)).toEqual({ '': 3 });
  expect(await values(catalog.lastWrite)).toEqual({ '': 60 });
  expect(await values(catalog.databaseSize)).toEqual({ '': 4096 });
  expect(await values(catalog.diskUtilization)).toEqual({ '': 0.5 });
  expect(await values(catalog.runsRemoved)).toEqual({ '': 9 });
});

test('R03 each metric of the ledger that the catalogue declares is recorded, with its labels and no others', async () => {
  for (const metric of metrics.filter(({ by }) => by === 'monitor')) {
    const [point] = await points(metric);
    expect(Object.keys(point?.attributes ?? { none: true }), metric.name).toEqual(
      metric.labels.map(({ name }) => name),
    );
  }
});
