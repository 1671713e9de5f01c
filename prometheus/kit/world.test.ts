import { expect, test } from 'vitest';
import { agentLastHeartbeat, agentTaskDuration, agentTasksFailed } from '../../instrumentation/src/catalog/tasks.ts';
import { prometheus } from '../../queries/stack-metrics.ts';
import { grows, inputSeries, observes, rises, series, stays, type World } from './world.ts';

const failed = series(agentTasksFailed, { agent_name: 'code', task_type: '' });
const values = (...phases: [World, number][]) => inputSeries(phases, '15s').map((each) => each.values);

test('A01 a series has every label of its metric, but for those that are left out', () => {
  expect(grows(failed, 1)[0]?.series).toBe(
    'agent_tasks_failed_total{job="fleet",instance="fleet-1",service_name="fleet",service_namespace="agents",service_version="1.0.0",service_instance_id="fleet-1",deployment_environment_name="production",agent_name="code",error_type="timeout"}',
  );
  expect(stays(series(prometheus.up, { job: 'tempo' }), 0)[0]?.series).toBe('up{job="tempo",instance="fleet-1"}');
});

test('A01 a counter goes on where it was, a gauge is what the world says', () => {
  expect(values([grows(failed, 4), 1], [grows(failed, 8), 1])).toEqual(['0+1x4 6+2x3']);
  expect(values([grows(failed, 4), 1], [grows(failed, 0), 1])).toEqual(['0+1x4 4x3']);
  const beat = series(agentLastHeartbeat);
  expect(values([rises(beat, 60), 1], [stays(beat, 60), 1])).toEqual(['0+15x4 60x3']);
  expect(values([stays(beat, 1), 1], [stays(beat, Number.NaN), 0.5])).toEqual(['1x4 NaN NaN']);
});

test('A01 a series that a world does not name is not there, and begins anew when it comes', () => {
  expect(values([[], 1], [grows(failed, 4, 7), 1])).toEqual(['_x5 7+1x3']);
  expect(values([grows(failed, 4), 1], [[], 1], [grows(failed, 4), 1])).toEqual(['0+1x4 _x4 0+1x3']);
});

test('A01 steps are written as people write numbers', () => {
  expect(values([grows(failed, 0.1 + 0.2), 1])).toEqual(['0+0.075x4']);
});

/** What histogram_quantile makes of buckets. */
function quantileOf(world: World, q: number): number {
  const buckets = world.filter(({ labels }) => labels.le && labels.le !== '+Inf');
  const total = world.find(({ labels }) => labels.le === '+Inf')?.perMinute as number;
  const at = buckets.findIndex(({ perMinute }) => perMinute >= q * total);
  const [low, high] = [buckets[at - 1], buckets[at]];
  const below = low?.perMinute ?? 0;
  const from = Number(low?.labels.le ?? 0);
  const part = (q * total - below) / ((high?.perMinute as number) - below);
  return from + (Number(high?.labels.le) - from) * part;
}

test.each([4.75, 5.25, 5, 9.5, 10.5, 0.049, 600])('A04 a histogram is filled so that its p95 is %d', (value) => {
  const world = observes(series(agentTaskDuration), { perMinute: 100, quantile: 0.95, value });
  expect(quantileOf(world, 0.95)).toBeCloseTo(value, 9);
  const buckets = world.filter(({ labels }) => labels.le).map(({ perMinute }) => perMinute);
  expect(buckets, 'cumulative').toEqual([...buckets].sort((a, b) => a - b));
});

test('A04 what no bucket holds is refused, and so is a metric without buckets', () => {
  const observations = { perMinute: 100, quantile: 0.95, value: 700 };
  expect(() => observes(series(agentTaskDuration), observations)).toThrow('its last bucket ends at 600');
  expect(() => observes(series(agentTaskDuration), { ...observations, value: 0.01 })).toThrow('it is too small');
  expect(() => observes(failed, observations)).toThrow('Cannot fill agent.tasks.failed: it is no histogram');
});
