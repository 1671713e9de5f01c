import { expect, test } from 'vitest';
import { collector } from '../../collector/collector.ts';
import { compose } from '../../place.ts';
import { sendersPerQueue } from '../../stack.ts';
import { signalNames, storeExporters } from './stores.ts';

const { exporters, service } = collector(compose);

test('A19 the exporters of the stores are those of the Collector, each in the pipeline of its signal', () => {
  for (const signal of signalNames) {
    expect(service.pipelines[signal].exporters).toContain(storeExporters[signal]);
  }
  expect(Object.keys(exporters).sort()).toEqual(Object.values(storeExporters).sort());
});

test('A19 all senders of a queue busy: as many as the Collector has', () => {
  for (const exporter of Object.values(exporters)) {
    expect(exporter.sending_queue.num_consumers).toBe(sendersPerQueue);
  }
});
