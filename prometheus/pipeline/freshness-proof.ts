/** Worlds of Collectors: idle, busy, stuck, saturated, down. */
import { collector, prometheus } from '../../queries/stack-metrics.ts';
import { freshSeconds, sendersPerQueue } from '../../stack.ts';
import type { Answer, Recording } from '../kit/record.ts';
import { grows, series, stays, type World } from '../kit/world.ts';
import { signalNames, storeExporters } from './stores.ts';

interface CollectorState {
  instance?: string;
  up?: 0 | 1;
  /** Requests in flight, of each exporter. */
  inFlight?: number;
  sending?: boolean;
}

function collectorIs({ instance = 'collector-1', up = 1, inFlight = 0, sending = false }: CollectorState): World {
  const labels = { job: 'collector', instance };
  return [
    ...stays(series(prometheus.up, labels), up),
    ...signalNames.flatMap((signal) => {
      const exporter = { ...labels, exporter: storeExporters[signal], data_type: signal };
      return [
        ...stays(series(collector.inFlight, exporter), inFlight),
        ...(sending ? grows : stays)(series(collector.sent[signal], exporter), 60),
      ];
    }),
  ];
}

const spansArrive = grows(series(collector.accepted.traces, { job: 'collector', instance: 'collector-1' }), 60);
const spansRest = stays(series(collector.accepted.traces, { job: 'collector', instance: 'collector-1' }), 60);

const healthy = collectorIs({ inFlight: sendersPerQueue - 1, sending: true });

/** `age`: what measures how old the newest metric is. */
export function collectorStories(age: Recording): Answer[] {
  const old = (by: number) => stays(series(age), freshSeconds + by);
  return [
    { title: 'is 0 while all is sent in time', world: [...healthy, ...spansArrive, ...old(0)], answers: each(0) },
    { title: 'is 0 while nothing is to be sent', world: [...collectorIs({}), ...spansRest], answers: each(0) },
    {
      title: 'sees what is stuck after a minute, without a failure counted',
      after: [[collectorIs({ sending: true }), 10]],
      world: collectorIs({ inFlight: 1 }),
      atMinute: 2,
      answers: each(1),
    },
    {
      title: 'sees senders that are all busy for a minute',
      after: [[healthy, 10]],
      world: collectorIs({ inFlight: sendersPerQueue, sending: true }),
      atMinute: 2,
      answers: each(1),
    },
    {
      title: 'counts each Collector that is down once',
      world: [
        ...collectorIs({ instance: 'a', up: 0 }),
        ...collectorIs({ instance: 'b', up: 0, inFlight: sendersPerQueue }),
      ],
      answers: each(2),
    },
    {
      title: 'sees metrics that come late while spans arrive',
      world: [...healthy, ...spansArrive, ...old(1)],
      answers: each(0, { metrics: 1 }),
    },
    {
      title: 'does not take a quiet fleet for a late one',
      after: [[[...healthy, ...spansArrive], 10]],
      world: [...healthy, ...spansRest, ...old(1)],
      atMinute: 2,
      answers: each(0),
    },
  ];
}

export const staleStories: Answer[] = [
  {
    title: 'is a quarter when one of four is down',
    world: ['a', 'b', 'c', 'd'].flatMap((instance) => collectorIs({ instance, up: instance === 'a' ? 0 : 1 })),
    answers: each(0.25),
  },
];

function each(value: number, other: Partial<Record<string, number>> = {}) {
  return signalNames.map((signal) => ({ labels: { signal }, value: other[signal] ?? value }));
}
