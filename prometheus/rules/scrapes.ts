import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { prometheus } from '../../queries/stack-metrics.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import { gauge } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series } from '../kit/world.ts';
import { targetJobs } from '../scrape-targets.ts';
import { type Targets, targets } from '../targets.ts';
import { happens } from './stack.ts';

const theirs = `job=~"${Object.values(targetJobs).join('|')}"`;
const orders = { job: targetJobs.services, instance: 'orders:9464' };

/** Are services that only expose /metrics still seen? (P11) */
export function scrapes(_: Targets) {
  return group('scrapes', [
    alert('PrometheusTargetDown', {
      spec: ['P11', 'A19'],
      team: 'platform',
      levels: [{ severity: 'warning', under: 1, for: '5m', keepFiringFor: '5m' }],
      when: ({ under }) => promql`${prometheus.up}{${theirs}} < ${under}`,
      summary: '{{ $labels.instance }} cannot be scraped',
      // Its label service_name says whose it is.
      description:
        'Prometheus gets no metrics from {{ $labels.instance }} of the job {{ $labels.job }} (up is {{ $value }}).',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning:
          'A service that somebody dropped a target file for does not answer, or answers with more than is taken.',
        impact: 'It has no metrics of this time: its alerts see nothing, its panels have a gap.',
        checks: [
          { ask: 'Why? Look for lastError:', command: 'npm run doctor' },
          {
            ask: 'Is it all targets of a job, or one?',
            query: promql`count by (job, instance) (${prometheus.up}{${theirs}} < 1)`,
          },
          {
            ask: 'Since when?',
            query: promql`min by (instance) (avg_over_time(${prometheus.up}{${theirs}}[1h]))`,
          },
        ],
        remedy: [
          'connection refused, timeout: the service is down, or its address in the file is wrong.',
          'sample limit exceeded: it makes a series for each user, request or id. Take that label away in the service.',
          'The service is gone for good: remove its file.',
        ],
      },
      proof: ({ under }) => gauge(series(prometheus.up, orders), { under }),
    }),
    alert('PrometheusTargetFileBroken', {
      spec: ['P11', 'A19'],
      team: 'platform',
      levels: [{ severity: 'warning', over: 0, for: '1m', keepFiringFor: '5m' }],
      when: ({ over }) => promql`sum(increase(${prometheus.sdFileErrors}[5m])) > ${over}`,
      summary: 'A target file cannot be read',
      description:
        '{{ $value | humanize }} times in the last 5 minutes Prometheus could not read a file of scrape targets.',
      dashboard: 'telemetry-pipeline',
      runbook: {
        meaning: 'A file in the folders of scrape targets is no valid list of targets.',
        impact: 'What it named before is scraped as before, what is new in it is not. Other files are not touched.',
        checks: [
          {
            ask: 'Which file, and which line? Look for "Error reading file":',
            command: [
              '# Natively, where npm run up was said:',
              'grep -i "reading file" .fleetscope/logs/prometheus.log',
              '# In containers:',
              'docker compose logs prometheus | grep -i "reading file"',
            ].join('\n'),
          },
          { ask: 'Since when?', query: promql`increase(${prometheus.sdFileErrors}[1h])` },
          {
            ask: 'What is still scraped?',
            query: promql`sum by (job, instance) (${prometheus.up}{${theirs}})`,
          },
        ],
        remedy: [
          'Mend or remove that file: promtool check service-discovery says what is wrong. No restart is needed.',
        ],
      },
      proof: ({ over }) =>
        happens(series(prometheus.sdFileErrors, { job: 'prometheus', instance: 'prometheus-1' }), over, 1),
    }),
  ]);
}

export default twin('yml', ruleFile(scrapes(targets), compose));
