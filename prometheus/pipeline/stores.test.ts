import { expect, test } from 'vitest';
import { collector } from '../../collector/collector.ts';
import { team } from '../../k8s/size.ts';
import { monitorEnv } from '../../monitor/ingest/settings.ts';
import { memoryEnv } from '../../monitor/memory/schedule/settings.ts';
import { compose, kubernetes } from '../../place.ts';
import { sendersPerQueue, sendersToLedger } from '../../stack.ts';
import { ledgerService } from './ledger.ts';
import { memoryService } from './memory.ts';
import { ledgerExporter, samplerExporter, signalNames, storeExporters } from './stores.ts';

const { exporters, service } = collector(compose);

test('A19 the exporters of the stores are those of the Collector, each in the pipeline of its signal', () => {
  expect([
    service.pipelines['traces/tempo'].exporters,
    service.pipelines['metrics/prometheus'].exporters,
    service.pipelines['logs/loki'].exporters,
  ]).toEqual(signalNames.map((signal) => [storeExporters[signal]]));
  expect(Object.keys(exporters).sort()).toEqual([...Object.values(storeExporters), ledgerExporter].sort());
});

test('A19 the ledger is the only one that its pipeline sends to, and no signal’s pipeline does', () => {
  expect(service.pipelines['traces/ledger'].exporters).toEqual([ledgerExporter]);
  for (const signal of signalNames) expect(service.pipelines[signal].exporters).not.toContain(ledgerExporter);
});

test('P04 the sampling tier is sent to by that exporter, where there is one', () => {
  expect(Object.keys(collector(kubernetes(team)).exporters)).toContain(samplerExporter);
  expect(Object.keys(exporters)).not.toContain(samplerExporter);
});

test('A19 all senders of a queue busy: as many as the Collector has', () => {
  for (const exporter of Object.values(storeExporters)) {
    expect(exporters[exporter].sending_queue.num_consumers).toBe(sendersPerQueue);
  }
  expect(exporters[ledgerExporter].sending_queue.num_consumers).toBe(sendersToLedger);
});

test('A19 the ledger and the memory are missed under the names that they push their metrics by', () => {
  expect(monitorEnv(compose).OTEL_SERVICE_NAME).toBe(ledgerService);
  expect(memoryEnv(compose).OTEL_SERVICE_NAME).toBe(memoryService);
});
