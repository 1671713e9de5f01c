/**
 * What follows its load by itself: the Collectors alone, where `size.most` says so. Why nothing else does:
 *
 * - sampler: another number of samplers sends every so-many-th trace to another one, in the middle of its errors' window.
 * - tempo, monitor, escalation: one each, by what they are.
 * - loki, loki-backend, prometheus, alertmanager, thanos-*: each replica holds data that others wait for; a new one serves late, one
 *   that goes leaves blocks behind. Their number is a decision (docs/scale.md).
 * - grafana, loki-read: they keep nothing, but what slows them is the store behind them, which more of them would ask more.
 */
import type { Place } from '../place.ts';
import type { Part } from '../stack.ts';
import { quantity } from './container.ts';
import { labels, type Manifest } from './manifest.ts';
import type { Size } from './size.ts';

export function autoscaler(part: Part, place: Place, { most, replicas }: Size): Manifest[] {
  const maxReplicas = most[part];
  if (!maxReplicas) return [];
  return [
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: part, labels: labels(part) },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: part },
        minReplicas: replicas[part],
        maxReplicas,
        metrics: [
          average('cpu', `${busyMilliCpu}m`),
          // Below what its memory_limiter refuses at.
          average('memory', quantity(Math.floor(place.memoryMib(part) * busyMemoryShare))),
        ],
        behavior: {
          scaleUp: { stabilizationWindowSeconds: 60, policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] },
          // By hand: one that goes while a store is away leaves what it acknowledged on its volume, until one of its number is back, and
          // neither CPU nor memory say so (docs/deploy.md).
          scaleDown: { selectPolicy: 'Disabled' },
        },
      },
    },
  ];
}

/** Of the mean of its pods: more, and another is started. */
const busyMilliCpu = 700;
const busyMemoryShare = 0.55;

function average(name: 'cpu' | 'memory', averageValue: string) {
  return { type: 'Resource', resource: { name, target: { type: 'AverageValue', averageValue } } };
}
