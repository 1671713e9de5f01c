import { expect, test } from 'vitest';
import { single, team } from '../k8s/size.ts';
import { kubernetes } from '../place.ts';
import { longRetentionDays, retentionDays } from '../stack.ts';
import { classes, everyClass } from './classes.ts';
import { tempo } from './tempo.ts';

test('P04 each class is kept for its days, and a page may look back as far as the longest', () => {
  const kept = Object.entries(classes('3.0').overrides).map(([name, { compaction }]) => [
    name,
    compaction.block_retention,
  ]);
  expect(kept).toEqual([
    ['detailed', '168h'],
    ['sampled', '720h'],
    ['error', '2160h'],
  ]);
  expect(tempo(kubernetes(team), '3.0')).toMatchObject({
    multitenancy_enabled: true,
    query_frontend: { search: { max_duration: `${longRetentionDays.traces.error * 24}h` } },
  });
  expect(everyClass).toBe('detailed|sampled|error');
});

test('P04 without a sampling tier there is one tenant, and one retention', () => {
  const one = tempo(kubernetes(single), '3.0');
  expect(one).not.toHaveProperty('multitenancy_enabled');
  expect(one.overrides.defaults.compaction.block_retention).toBe(`${retentionDays.traces * 24}h`);
  expect(one.overrides).not.toHaveProperty('per_tenant_override_config');
});

test('P04 the graph of services counts a span once', () => {
  const counting = Object.entries(classes('3.0').overrides).filter(([, limits]) => 'metrics_generator' in limits);
  expect(counting.map(([name]) => name)).toEqual(['detailed']);
});

test('P02 what Tempo takes no more of is asked for again, not lost', () => {
  // Without the hint the Collector takes RESOURCE_EXHAUSTED for a refusal for good.
  for (const { ingestion } of Object.values(classes('3.0').overrides))
    expect(ingestion).toMatchObject({ retry_info_enabled: true, max_traces_per_user: 0 });
  for (const { ingestion } of Object.values(classes('2.8').overrides))
    expect(ingestion).not.toHaveProperty('retry_info_enabled');
});
