import { httpClientDuration, httpServerDuration } from '../../instrumentation/src/catalog/runtime.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { traceql } from '../../queries/traceql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { countOf } from '../kit/count-of.ts';
import { counted } from '../kit/counted.ts';
import type { Duration } from '../kit/duration.ts';
import { fewest } from '../kit/fewest.ts';
import { group } from '../kit/group.ts';
import { environment, service } from '../kit/labels.ts';
import { quantile, share } from '../kit/proof.ts';
import { record } from '../kit/record.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { observes, series } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

const ofService = `${service}="$service_name"`;
const production = { [environment]: 'production', [service]: 'fleet' };

/** Routes that answer slowly by design, streams and long polls: neither how long they take nor how many there are counts. */
const slowRoutes = '.*(stream|events|subscribe|poll).*';
const quick = `{http_route!~"${slowRoutes}"}`;
const streams = { http_route: '/runs/:id/events' };

const apiP95 = record(
  'service:http_server_seconds:p95_rate5m',
  promql`histogram_quantile(0.95, sum by (${environment}, ${service}, le) (rate(${httpServerDuration}_bucket${quick}[5m])))`,
  'seconds that 95 of 100 answers of a service do not reach, over 5 minutes',
  [
    {
      title: 'does not look at streams',
      world: [
        ...observes(series(httpServerDuration), { perMinute: 60, quantile: 0.95, value: 0.04 }),
        ...observes(series(httpServerDuration, streams), { perMinute: 6000, quantile: 0.95, value: 4.9 }),
      ],
      answers: [{ labels: production, value: 0.04 }],
    },
  ],
);

const requests = countOf(httpServerDuration);
const answered = (status: string) => series(requests, { http_response_status_code: status });

const apiQuick = counted('service:http_server_quick:increase5m', promql`${httpServerDuration}_count${quick}`, {
  ...{ by: [service], within: '5m', means: 'answers of a service, streams left out,' },
  like: series(requests),
  unlike: [series(requests, streams)],
});

/** By the window that they look at. */
const apiAnswers = { '5m': answers('5m'), '10m': answers('10m') };

function answers(within: Duration) {
  const by = { by: [service], within };
  return {
    failed: counted(
      `service:http_server_failed:increase${within}`,
      promql`${httpServerDuration}_count{http_response_status_code=~"5.."}`,
      { ...by, means: 'answers of a service with 500 or above', like: answered('503'), unlike: [answered('404')] },
    ),
    all: counted(`service:http_server:increase${within}`, promql`${httpServerDuration}_count`, {
      ...{ ...by, means: 'answers of a service', like: answered('200') },
    }),
  };
}

/** Do the services answer, in time and well? (A15, A16, A17) */
export function api({ apiSeconds, failures, enough }: Targets) {
  return group('api', [
    apiP95,
    apiQuick,
    ...Object.values(apiAnswers).flatMap(({ failed, all }) => [failed, all]),
    alert('ApiLatencyHigh', {
      spec: ['A15', 'A16', 'A17'],
      team: 'platform',
      levels: [
        { severity: 'critical', over: apiSeconds.p95Critical, for: '2m', keepFiringFor: '5m' },
        { severity: 'high', over: apiSeconds.p95, for: '5m', keepFiringFor: '5m' },
      ],
      when: ({ over }) => promql`${apiP95} > ${over} and ${apiQuick} >= ${enough.requests}`,
      summary: 'The API of {{ $labels.service_name }} answers slowly',
      description:
        '5 of 100 answers of {{ $labels.service_name }} in the last 5 minutes took longer than {{ $value | humanizeDuration }}.',
      dashboard: 'system-health',
      runbook: {
        meaning: `The time that 95 of 100 answers of a service stay below is above the target. Routes that are slow by design (${slowRoutes}) are left out.`,
        impact: 'Who calls the service waits, and its callers become slow as well.',
        checks: [
          {
            ask: 'Which route?',
            query: promql`topk(5, histogram_quantile(0.95, sum by (http_request_method, http_route, le) (rate(${httpServerDuration}_bucket{${ofService}}[5m]))))`,
          },
          {
            ask: 'Does it wait for somebody else?',
            query: promql`topk(5, histogram_quantile(0.95, sum by (server_address, le) (rate(${httpClientDuration}_bucket{${ofService}}[5m]))))`,
          },
          {
            ask: 'Where did one slow answer spend its time?',
            query: traceql`{ resource.service.name = "$service_name" && kind = server && duration > ${apiSeconds.p95Critical * 1000}ms }`,
          },
        ],
        remedy: [
          'Somebody else is slow: give the call a timeout, serve from a cache.',
          'All routes at once: see RuntimeEventLoopLagging and ServiceUtilizationHigh; add processes.',
          'One route: look at what changed in it. It is slow by design: add it to slowRoutes in prometheus/rules/api.ts.',
        ],
      },
      proof: ({ over }) =>
        quantile(series(httpServerDuration), { q: 0.95, over, within: '5m', enough: enough.requests }),
    }),
    alert('ApiErrorRateHigh', {
      spec: ['A16', 'A17'],
      team: 'platform',
      levels: [
        { severity: 'critical', over: failures.critical, within: '5m', for: '1m', keepFiringFor: '5m' },
        { severity: 'high', over: failures.high, within: '10m', for: '1m', keepFiringFor: '10m' },
      ],
      when: ({ over, within }) =>
        promql`${apiAnswers[within].failed} / ${apiAnswers[within].all} > ${over} and ${apiAnswers[within].all} >= ${fewest(over)}`,
      summary: 'The API of {{ $labels.service_name }} fails too often',
      description: ({ within }) =>
        `{{ $value | humanizePercentage }} of the answers of {{ $labels.service_name }} in the last ${within} were errors of its own (5xx).`,
      dashboard: 'system-health',
      runbook: {
        meaning: 'Too many of the requests that a service got were answered with 500 or above.',
        impact: 'Who calls the service gets nothing, and may call again and again.',
        checks: [
          {
            ask: 'Which route, and which error?',
            query: promql`topk(5, sum by (http_route, http_response_status_code, error_type) (increase(${httpServerDuration}_count{${ofService},http_response_status_code=~"5.."}[10m])))`,
          },
          {
            ask: 'Does somebody that it asks fail?',
            query: promql`topk(5, sum by (server_address, error_type) (increase(${httpClientDuration}_count{${ofService},error_type!=""}[10m])))`,
          },
          {
            ask: 'What happened in a request that failed?',
            query: traceql`{ resource.service.name = "$service_name" && kind = server && status = error }`,
          },
        ],
        remedy: [
          'It began with a deployment: roll back.',
          'Somebody that it asks fails: mend that, or answer without it.',
          'It is overrun (503): add processes, or slow the callers down.',
        ],
      },
      proof: ({ over, within }) =>
        share({ bad: answered('500'), rest: answered('200') }, { over, within, enough: fewest(over) }),
    }),
  ]);
}

export default twin('yml', ruleFile(api(targets), compose));
