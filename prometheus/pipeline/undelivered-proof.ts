/** Proves of an alert on silence that it is the service which is silent: the Collector is there and hands on what it gets. */
import { collector, prometheus } from '../../queries/stack-metrics.ts';
import type { Proof, Story } from '../kit/proof.ts';
import { grows, type Phase, series, stays, type World } from '../kit/world.ts';

/** The same worlds with a Collector that is up; then, after so many minutes in which the service is `alive`, what can become of the Collector. */
export function besideCollector(proof: Proof, alive: World, minutes: number): Proof {
  const beside = (world: World): World => [...world, ...up(1)];
  const phases = (some: readonly Phase[]) => some.map(([world, lasts]): Phase => [beside(world), lasts]);
  const { before = [], bad, good, recovered, also = [] } = proof;
  return {
    ...proof,
    before: phases(before),
    bad: beside(bad),
    good: beside(good),
    recovered: beside(recovered),
    also: [...also.map((story) => ({ ...story, phases: phases(story.phases) })), ...collectorStories(alive, minutes)],
  };
}

function up(value: number): World {
  return stays(series(prometheus.up, { job: 'collector', instance: 'collector' }), value);
}

function collectorStories(alive: World, minutes: number): Story[] {
  const sent = (perMinute: number, queued: number): World => [
    ...up(1),
    ...grows(series(collector.sent.metrics), perMinute),
    ...stays(series(collector.queueSize, { data_type: 'metrics' }), queued),
  ];
  const story = (title: string, before: World, after: World, told: Story['told']): Story => ({
    title,
    phases: [
      [[...alive, ...before], minutes],
      [after, 30],
    ],
    told,
  });
  const never = { notFrom: 0 };
  return [
    story('is not told while the Collector is down', up(1), up(0), never),
    // A target that goes takes its `up` with it; here it is seen for five minutes more.
    story('is not told while there is no Collector at all', up(1), [], { notFrom: minutes + 6 }),
    story('is not told while metrics wait in the Collector', sent(100, 0), sent(0, 1), never),
    story('is told when the Collector has nothing to hand on', sent(100, 0), sent(0, 0), 'at the end'),
  ];
}
