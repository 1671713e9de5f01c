/** What this package says about itself. */
import { label } from './attribute.ts';
import { gauge } from './metric.ts';

const thread = label('thread', 'Where: beside the service’s code, or where batches are sent', ['main', 'sender']);

export const ownCpu = gauge('fleetscope.instrumentation.cpu.utilization', {
  unit: '1',
  means: 'Share of one core that this package itself takes.',
  labels: [thread],
  source: { id: 'B12' },
  by: 'runtime',
});

export const ownLevel = gauge('fleetscope.instrumentation.level', {
  unit: '{level}',
  means: 'How much is recorded: 3 full, 2 spans, 1 metrics. Less than it was started with: it stepped down.',
  labels: [],
  source: { id: 'B12' },
  by: 'runtime',
});
