/** What the run ledger says of itself: what reached it, what it kept, and how far behind it is. (R03) */
import { label } from './attribute.ts';
import { counter, gauge, histogram } from './metric.ts';

/** Seconds. The Collector hands over at once; after an outage what waited comes late. */
const lagSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400] as const;

/** Seconds. A transaction, from a lone run to a full batch on a slow disk. */
const writeSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30] as const;

export const factFate = label('monitor.fact.fate', 'What became of a span', ['kept', 'not_fleet', 'malformed']);
export const ingestRefusalReason = label('monitor.refusal.reason', 'Why a request was turned away', [
  'unauthenticated',
  'oversize',
  'unsupported',
  'malformed',
  'busy',
  'unavailable',
]);

/** What the doctor's marked span says that it does: a span of the fleet, of no run, which no list and no sum shows. (B09) */
export const canaryOperation = 'fleetscope.canary';

export const factsReceived = counter('monitor.facts.received', {
  unit: '{fact}',
  means:
    'Spans in requests that were answered with yes: kept, which one that was known already is too, of no interest, or impossible.',
  labels: [factFate],
  source: { id: 'R03' },
  by: 'monitor',
});

export const factsWaiting = gauge('monitor.facts.waiting', {
  unit: '{fact}',
  means: 'Spans that are taken and not on disk yet; nobody was told that they are.',
  labels: [],
  source: { id: 'R03' },
  by: 'monitor',
});

export const factLag = histogram('monitor.fact.lag', {
  unit: 's',
  means: 'From the end of a span until it is in the ledger: the oldest of each request.',
  labels: [],
  buckets: lagSeconds,
  source: { id: 'R03' },
  by: 'monitor',
});

export const writeDuration = histogram('monitor.write.duration', {
  unit: 's',
  means: 'Time of one transaction of the ledger.',
  labels: [],
  buckets: writeSeconds,
  source: { id: 'R03' },
  by: 'monitor',
});

export const ingestRefused = counter('monitor.requests.refused', {
  unit: '{request}',
  means: 'Requests turned away. Of `busy` and `unavailable` the Collector keeps the spans and comes again.',
  labels: [ingestRefusalReason],
  source: { id: 'R03' },
  by: 'monitor',
});

export const openRuns = gauge('monitor.runs.open', {
  unit: '{run}',
  means: 'Runs that began in the last day and have not ended.',
  labels: [],
  source: { id: 'R03' },
  by: 'monitor',
});

export const lastWrite = gauge('monitor.last_write.timestamp', {
  unit: 's',
  means: 'When a request was last put on disk, in seconds since 1970. Until one was: when the service started.',
  labels: [],
  source: { id: 'R03' },
  by: 'monitor',
});

export const databaseSize = gauge('monitor.database.size', {
  unit: 'By',
  means: 'Size of the ledger’s file and its log. A MongoDB looks after its own.',
  labels: [],
  source: { id: 'R02' },
  by: 'monitor',
});

export const diskUtilization = gauge('monitor.disk.utilization', {
  unit: '1',
  means: 'Share of the disk below the ledger’s file that is used, by whatever.',
  labels: [],
  source: { id: 'R02' },
  by: 'monitor',
});

export const runsRemoved = counter('monitor.runs.removed', {
  unit: '{run}',
  means: 'Runs taken away because they ended longer ago than is kept.',
  labels: [],
  source: { id: 'R02' },
  by: 'monitor',
});
