import { resourceType, resourceUtilization } from '../../instrumentation/src/catalog/resources.ts';
import {
  eventLoopDelayP99,
  eventLoopUtilization,
  gcDuration,
  heapUsed,
  httpServerDuration,
} from '../../instrumentation/src/catalog/runtime.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import { environment, service } from '../kit/labels.ts';
import { gauge, type Proof, type Story } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series, stays, type World } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

const ofService = `${service}="$service_name"`;

/** Have the processes what they need? (A15, A17, A18) */
export function runtime({ utilization, eventLoopSeconds }: Targets) {
  return group('runtime', [
    alert('ServiceUtilizationHigh', {
      spec: ['A15', 'A17', 'A18'],
      team: 'platform',
      levels: [
        // One process whose memory is full ends, however much room the others have.
        { severity: 'high', over: utilization.high, of: 'max', only: 'cpu|memory', for: '10m', keepFiringFor: '10m' },
        // What all of them together have left is what can grow.
        { severity: 'warning', over: utilization.capacity, of: 'avg', only: '.+', for: '30m', keepFiringFor: '30m' },
      ],
      when: ({ over, of, only }) =>
        promql`${of} by (${environment}, ${service}, ${resourceType}) (${resourceUtilization}{${resourceType}=~"${only}"}) > ${over}`,
      summary: 'The {{ $labels.resource_type }} of {{ $labels.service_name }} is nearly used up',
      description: ({ of }) =>
        of === 'max'
          ? '{{ $value | humanizePercentage }} of the {{ $labels.resource_type }} that a process of {{ $labels.service_name }} may use is in use.'
          : '{{ $value | humanizePercentage }} of the {{ $labels.resource_type }} of {{ $labels.service_name }} is in use, over all its processes.',
      dashboard: 'system-health',
      runbook: {
        meaning:
          'high: for ten minutes one process has used most of the CPU or the memory that it may use. warning: for half an hour all processes together have used so much of a resource, the capacity that they report themselves included, that little can be added.',
        impact:
          'CPU: everything takes longer. Memory: the process ends when it is full. Capacity: new work waits or is refused.',
        checks: [
          {
            ask: 'One process or all? Which resource?',
            query: promql`topk(10, max by (service_instance_id, ${resourceType}) (${resourceUtilization}{${ofService}}))`,
          },
          {
            ask: 'More work than usual? Requests a second:',
            query: promql`sum by (http_route) (rate(${httpServerDuration}_count{${ofService}}[5m]))`,
          },
          {
            ask: 'Memory: does the heap grow without end? Bytes a minute over an hour:',
            query: promql`60 * deriv(${heapUsed}{${ofService},v8js_heap_space_name="old_space"}[1h])`,
          },
        ],
        remedy: [
          'More work: add processes, or raise their limits.',
          'The heap grows without end: restart one process after the other to win time, then take a heap snapshot.',
          'CPU without more work: take a profile; endless loops and JSON of megabytes are the usual suspects.',
        ],
      },
      proof: ({ over, of }) => utilizationProof(over, of),
    }),
    alert('RuntimeEventLoopLagging', {
      spec: ['A15'],
      team: 'platform',
      levels: [
        { severity: 'high', over: eventLoopSeconds.stuck, for: '5m', keepFiringFor: '5m' },
        { severity: 'warning', over: eventLoopSeconds.lagging, for: '5m', keepFiringFor: '10m' },
      ],
      when: ({ over }) => promql`max by (${environment}, ${service}) (${eventLoopDelayP99}) > ${over}`,
      summary: 'The event loop of {{ $labels.service_name }} lags',
      description:
        'In a process of {{ $labels.service_name }}, one turn of the event loop in a hundred comes late by {{ $value | humanizeDuration }} or more.',
      dashboard: 'system-health',
      runbook: {
        meaning:
          'Something keeps a Node process from going on: all that waits in it waits longer, timers and answers alike.',
        impact: 'Answers, heartbeats and timeouts come late; other services think that this one is dead.',
        checks: [
          {
            ask: 'Which process, and is it busy all the time (near 1) or held up now and then?',
            query: promql`max by (service_instance_id) (${eventLoopUtilization}{${ofService}})`,
          },
          {
            ask: 'Is it the garbage collection? Seconds a minute:',
            query: promql`60 * sum by (v8js_gc_type) (rate(${gcDuration}_sum{${ofService}}[5m]))`,
          },
          {
            ask: 'What was under way? Spans that took long without waiting for anybody:',
            query: traceql`{ resource.service.name = "$service_name" && kind = internal && duration > 1s }`,
          },
        ],
        remedy: [
          'Work that computes for long: move it to a worker thread, or cut it into pieces.',
          'Large JSON, large regular expressions, synchronous file access: do them in streams, or beside.',
          'Garbage collection: see ServiceUtilizationHigh for memory.',
          'The machine is overrun, its processes are not: fewer of them, or a bigger machine.',
        ],
      },
      proof: ({ over }) => gauge(series(eventLoopDelayP99), { over, by: over / 20 }),
    }),
  ]);
}

/** `max` is told of one process and of no capacity, `avg` of all that any of them has, together. */
function utilizationProof(over: number, of: 'max' | 'avg'): Proof {
  const use = (type: string, process = 'fleet-1') =>
    series(resourceUtilization, { resource_type: type, instance: process, service_instance_id: process });
  const type = of === 'max' ? 'cpu' : 'capacity';
  const proof = gauge(use(type), { over });
  const oneIsFull: World = [...stays(use(type), over + 0.1), ...stays(use(type, 'fleet-2'), 0.1)];
  const also: Story[] =
    of === 'max'
      ? [
          { title: 'is told of one full process', phases: [[oneIsFull, 60]], told: 'at the end' },
          { title: 'is not told of capacity', phases: [[stays(use('capacity'), 1), 60]], told: { notFrom: 0 } },
        ]
      : [{ title: 'is not told of one full process', phases: [[oneIsFull, 60]], told: { notFrom: 0 } }];
  return { ...proof, also: [...(proof.also ?? []), ...also] };
}

export default twin('yml', ruleFile(runtime(targets), compose));
