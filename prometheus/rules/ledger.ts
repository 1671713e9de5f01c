import {
  databaseSize,
  diskUtilization,
  ingestRefusalReason,
  ingestRefused,
  lastWrite,
  writeDuration,
} from '../../instrumentation/src/catalog/monitor.ts';
import { prometheusLabel } from '../../instrumentation/src/catalog/prometheus-name.ts';
import { workflowExecute } from '../../instrumentation/src/catalog/workflows.ts';
import { compose } from '../../place.ts';
import { logql } from '../../queries/logql.ts';
import { promql } from '../../queries/promql.ts';
import { collector } from '../../queries/stack-metrics.ts';
import { sendersToLedger } from '../../stack.ts';
import { twin } from '../../twin.ts';
import { added } from '../kit/added.ts';
import { alert, type Check } from '../kit/alert.ts';
import { counted } from '../kit/counted.ts';
import { group } from '../kit/group.ts';
import { environment } from '../kit/labels.ts';
import { gauge, type Proof, stream } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series, stays, type World } from '../kit/world.ts';
import { ledgerService, spansLost } from '../pipeline/ledger.ts';
import { behindProof, notWritingProof } from '../pipeline/ledger-proof.ts';
import { silenceProof } from '../pipeline/silence-proof.ts';
import { ledgerExporter, ofLedger } from '../pipeline/stores.ts';
import { type Targets, targets } from '../targets.ts';
import { lastPush, undelivered } from './services.ts';

const { queueSize, queueCapacity, inFlight } = collector;

const fill = promql`max by (instance) (${ofLedger(queueSize)} / ${queueCapacity})`;
const workflowSpans = promql`${collector.spanCalls}{span_name="${workflowExecute.name}"}`;

export const refusedRequests = counted('ledger:requests_refused:added10m', ingestRefused, {
  ...{ by: [ingestRefusalReason], within: '10m', means: 'requests that the ledger turned away', exactly: true },
  like: series(ingestRefused),
});

const said: Check = { ask: 'What does it say itself?', query: logql`{service_name="fleetscope-monitor"}` };
const runs: Check = { ask: 'Does it run, and since when?', command: 'npm run status' };
const doctor: Check = { ask: 'Does a marked span reach it, and where does it stop?', command: 'npm run doctor' };
const waits: Check = { ask: 'How full is its queue, and does it grow?', query: fill };

/**
 * Does the run ledger have what the fleet did? Nobody is woken for it: nothing that people or agents wait for rests on it, what
 * it is to get waits on disk for hours, and what it knows is in Tempo as well. (R03)
 */
export function ledger({ ledger: limits, stack }: Targets) {
  return group('ledger', [
    spansLost,
    refusedRequests,
    alert('LedgerDown', {
      spec: ['R03', 'A19'],
      team: 'platform',
      // A ticket, at any hour: see above. ServiceDown leaves it out.
      levels: [{ severity: 'warning', over: limits.downSeconds, for: '1m' }],
      when: ({ over }) =>
        promql`time() - max_over_time(${lastPush}{service_name="${ledgerService}"}[6h]) > ${over} unless on () (${undelivered})`,
      summary: 'The run ledger is down',
      description: 'It has sent no metrics for {{ $value | humanizeDuration }}. What it is to get waits on disk.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'The service that keeps runs has been silent, and the Collector is well.',
        impact:
          'Runs of this time are not in npm run monitor yet. Nothing else waits for it; its queue in the Collector holds 1 GiB, and what is there arrives after the start. Programs that call getMonitor() write the file themselves.',
        checks: [runs, said, waits],
        remedy: [
          'It was stopped: npm run up. Under Compose: docker compose restart monitor.',
          'It starts and ends: its log (.fleetscope/logs/monitor.log, docker compose logs monitor) ends with the reason: a full disk, a database of a newer version, a MongoDB that is away.',
          'The disk is full: npm run monitor -- cleanup <days>.',
        ],
      },
      proof: ({ over }) => silenceProof(ledgerService, over),
    }),
    alert('LedgerQueueFilling', {
      spec: ['R03', 'A19'],
      team: 'platform',
      levels: [
        { severity: 'warning', over: stack.queueCritical, for: '5m', keepFiringFor: '5m' },
        { severity: 'info', over: stack.queueHigh, for: '15m', keepFiringFor: '5m' },
      ],
      when: ({ over }) => promql`${fill} > ${over}`,
      summary: 'Spans wait for the run ledger',
      description:
        '{{ $value | humanizePercentage }} of its queue on {{ $labels.instance }} is in use. When it is full, what comes is dropped, for the ledger alone.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'The ledger is away or slower than the fleet, so what it is to get waits on the Collector’s disk.',
        impact: 'Runs appear late. Nothing is lost until the queue is full, and nobody else waits.',
        checks: [
          waits,
          {
            ask: 'How long does one transaction take?',
            query: promql`histogram_quantile(0.95, sum by (le) (rate(${writeDuration}_bucket[5m])))`,
          },
          doctor,
        ],
        remedy: [
          'It is down: start it. The queue delivers what waits.',
          'Its disk is slow, or somebody keeps its database locked (docs/monitor.md, Troubleshooting).',
          'More comes than one file takes: give it a MongoDB (docs/monitor.md, Several machines).',
        ],
      },
      proof: ({ over }) => {
        const of = { job: 'collector', instance: 'collector-1', exporter: ledgerExporter, data_type: 'traces' };
        const world = (share: number, exporter: string = ledgerExporter): World => [
          ...stays(series(queueSize, { ...of, exporter }), share * 1000),
          ...stays(series(queueCapacity, { ...of, exporter }), 1000),
        ];
        return {
          ...plain,
          bad: world(over * 1.05),
          good: [...world(over), ...world(1, 'otlp_grpc/tempo')],
          recovered: world(over),
          value: over * 1.05,
        };
      },
    }),
    alert('LedgerBehind', {
      spec: ['R03', 'A19'],
      team: 'platform',
      levels: [{ severity: 'warning', over: sendersToLedger - 1, for: '10m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`max by (instance) (min_over_time(${ofLedger(inFlight)}[5m])) > ${over}`,
      summary: 'Every sender to the run ledger is busy',
      description:
        '{{ $value }} requests of {{ $labels.instance }} are under way, and were at each look of the last minutes.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning:
          'All senders of the ledger’s queue have been at work for a quarter of an hour: it takes less than comes.',
        impact: 'Runs appear later and later. Nothing is lost until its queue is full.',
        checks: [
          waits,
          {
            ask: 'Does it refuse, and why?',
            query: promql`sum by (${prometheusLabel(ingestRefusalReason.name)}) (increase(${ingestRefused}[15m]))`,
          },
          said,
        ],
        remedy: [
          'What waited during an outage is worked off: look whether the queue becomes shorter.',
          'It refuses with "busy": its disk is slow, or its database is held by another process.',
          'It does not answer: its log says why.',
        ],
      },
      proof: ({ over }) => behindProof(over),
    }),
    alert('LedgerSpansLost', {
      spec: ['R03', 'A19'],
      team: 'platform',
      levels: [{ severity: 'warning', over: 0, for: '1m' }],
      when: ({ over }) => promql`${spansLost} > ${over}`,
      summary: 'Spans will never be in the run ledger: {{ $labels.reason }}',
      description: '{{ $value | humanize }} in the last 15 minutes.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning:
          'The queue of the ledger was full, the ledger refused spans for good, or spans came whose ids or times are none.',
        impact: 'Runs of this time lack steps, or are missing. Their traces are in Tempo all the same.',
        checks: [{ ask: 'Which of the three?', query: promql`max by (reason) (${spansLost})` }, doctor, said],
        remedy: [
          'queue full: the ledger was away for too long; start it, or take the next larger profile.',
          'refused: Collector and ledger read different tokens (.fleetscope/secrets/monitor-ingest-token): start both again. Or a request was larger than the ledger takes: its log says so.',
          'malformed: a client that makes spans without an id or a time. Mend it.',
        ],
      },
      proof: ({ over }) => gauge(series(spansLost, { reason: 'queue full' }), { over }),
    }),
    alert('LedgerRequestsRefused', {
      spec: ['R03'],
      team: 'security',
      levels: [{ severity: 'info', over: limits.refused, for: '5m', keepFiringFor: '10m' }],
      when: ({ over }) => promql`${refusedRequests} > ${over}`,
      summary: 'The run ledger turns requests away: {{ $labels.monitor_refusal_reason }}',
      description: '{{ $value | humanize }} in the last 10 minutes.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'Requests came without the token, too large, malformed, or when the ledger could not take them.',
        impact:
          'None of them changed anything. What the Collector sent and was refused as busy or unavailable, it sends again.',
        checks: [
          {
            ask: 'Is it the Collector? Then its queue grows.',
            query: fill,
          },
          doctor,
          said,
        ],
        remedy: [
          'unauthenticated, from the Collector: both must read the same file; start both again.',
          'unauthenticated, from elsewhere: who can reach the port? It belongs on loopback.',
          'busy, unavailable: look at LedgerBehind, the disk, and the log.',
        ],
      },
      proof: ({ over }) => stream(series(ingestRefused), { over, within: '10m' }),
    }),
    alert('LedgerNotWriting', {
      spec: ['R03', 'A19'],
      team: 'platform',
      levels: [{ severity: 'warning', over: limits.silentSeconds, for: '2m', keepFiringFor: '5m' }],
      when: ({ over }) =>
        promql`time() - max by (${environment}) (${lastWrite}) > ${over} and on () sum(${added(workflowSpans, '10m')}) > 0`,
      summary: 'Workflows run, and the run ledger writes nothing',
      description: 'It last wrote {{ $value | humanizeDuration }} ago.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning:
          'Spans of workflows pass the Collector, the ledger is up, and nothing of them has been put on disk for a while.',
        impact: 'npm run monitor shows the past.',
        checks: [doctor, waits, said],
        remedy: [
          'Something waits in its queue: the address, or the token: the doctor tells which.',
          'Nothing waits: the filter of collector/ledger.ts drops them. Do their spans have the names of docs/names.md?',
          'It says that it cannot write: a full disk, a database held by another process.',
        ],
      },
      proof: ({ over }) => notWritingProof(over),
    }),
    alert('LedgerDatabaseLarge', {
      spec: ['R02'],
      team: 'platform',
      levels: [{ severity: 'info', over: limits.databaseBytes, for: '10m', keepFiringFor: '1h' }],
      when: ({ over }) => promql`max by (${environment}) (${databaseSize}) > ${over}`,
      summary: 'The database of the run ledger is large',
      description: 'It has {{ $value | humanize }}B.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'The file of the ledger has grown beyond what it was thought to need.',
        impact: 'None yet: commands stay fast. It takes disk, and a copy of it takes time.',
        checks: [
          { ask: 'How fast does it grow? Bytes a day:', query: promql`86400 * deriv(${databaseSize}[6h])` },
          { ask: 'What would go?', command: 'npm run monitor -- cleanup 90 --dry-run' },
          said,
        ],
        remedy: [
          'Keep less: FLEETSCOPE_MONITOR_RETENTION_DAYS, or retentionDays.runs in stack.ts; then start the ledger again.',
          'At once: npm run monitor -- cleanup <days>, which gives the space back.',
          'It is all wanted: raise ledger.databaseBytes in prometheus/targets.ts, or take a MongoDB.',
        ],
      },
      proof: ({ over }) => gauge(series(databaseSize), { over }),
    }),
    alert('LedgerDiskFilling', {
      spec: ['R02', 'A19'],
      team: 'platform',
      levels: [{ severity: 'warning', over: stack.diskCritical, for: '5m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`max by (${environment}) (${diskUtilization}) > ${over}`,
      summary: 'The disk of the run ledger fills up',
      description: '{{ $value | humanizePercentage }} of it is used.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'The disk below the ledger’s database is nearly full, by whatever.',
        impact: 'When it is full the ledger takes nothing more, and its queue in the Collector fills.',
        checks: [
          { ask: 'Is it the ledger?', query: promql`max(${databaseSize})` },
          { ask: 'What would a cleanup remove?', command: 'npm run monitor -- cleanup 90 --dry-run' },
          { ask: 'What else is there?', command: 'du -xh --max-depth=2 .fleetscope/data | sort -h | tail' },
        ],
        remedy: [
          'Make room. The other stores are on the same disk more often than not: StackDiskFilling.',
          'npm run monitor -- cleanup <days> gives space back at once.',
          'Move it: FLEETSCOPE_MONITOR_DB names another place.',
        ],
      },
      proof: ({ over }) => gauge(series(diskUtilization), { over }),
    }),
  ]);
}

/** True at once, and over at once. */
const plain = { trueAfter: 0, falseAfter: 1, settles: 1 } satisfies Partial<Proof>;

export default twin('yml', ruleFile(ledger(targets), compose));
