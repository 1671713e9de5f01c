/** What the fleet's own memory says of itself: which of its jobs were done, when, and how long they took. (M01) */
import { key, label } from './attribute.ts';
import { errorType } from './attributes.ts';
import { counter, gauge, histogram } from './metric.ts';
import { span } from './span.ts';

/** Seconds. From an hour of a small fleet to a day of a big one, over a slow network. */
const jobSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900] as const;

export const memoryJob = label('monitor.memory.job', 'What was made of a period', [
  'hour',
  'history',
  'day-so-far',
  'day',
  'week',
]);

export const memoryPeriod = key(
  'monitor.memory.period',
  'string',
  'Which hour, day or week, by its name: `2026-02-15T09`',
);

export const jobSpan = span('monitor.memory.job', {
  means: 'A period that is made: the questions to its sources, and what is kept.',
  attributes: [memoryJob, memoryPeriod, errorType],
  source: 'M01',
  by: 'memory',
});

const needs = 'an operational memory';

export const newestDay = gauge('monitor.memory.newest_day.timestamp', {
  unit: 's',
  means:
    'When the newest day ended that has its final snapshot, in seconds since 1970. Until one has: since when anything is measured.',
  labels: [],
  source: { id: 'M01' },
  by: 'memory',
  needs,
});

export const jobLastSuccess = gauge('monitor.memory.job.last_success.timestamp', {
  unit: 's',
  means: 'When a job was last done by this process, in seconds since 1970.',
  labels: [memoryJob],
  source: { id: 'M01' },
  by: 'memory',
  needs,
});

export const jobDuration = histogram('monitor.memory.job.duration', {
  unit: 's',
  means: 'From the first question to its sources until the rows of a period were kept.',
  labels: [memoryJob],
  buckets: jobSeconds,
  source: { id: 'M01' },
  by: 'memory',
  needs,
});

export const jobFailures = counter('monitor.memory.job.failures', {
  unit: '{job}',
  means: 'Jobs of a period that could not be done. Each is tried again.',
  labels: [memoryJob],
  source: { id: 'M01' },
  by: 'memory',
  needs,
});

/** Of the ledger, not of the run: few enough for a metric, because only those that came back are told. */
export const returnedFingerprint = label('error.fingerprint', 'What the error is recognised by in the run ledger', {
  atMost: 20,
});

export const errorReturned = gauge('monitor.memory.error.returned', {
  unit: '{error}',
  means:
    '1 for each error that came back in the last seven days, after it had been gone or somebody had said it was resolved: the dearest twenty. 0: no longer.',
  labels: [returnedFingerprint],
  source: { id: 'B11' },
  by: 'memory',
  needs,
});
