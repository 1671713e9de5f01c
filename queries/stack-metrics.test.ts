import { expect, test } from 'vitest';
import { scale, single, team } from '../k8s/size.ts';
import { compose, kubernetes, type Place } from '../place.ts';
import { prometheus } from '../prometheus/prometheus.ts';
import { targetJobs } from '../prometheus/scrape-targets.ts';
import { thanosParts } from '../prometheus/thanos.ts';
import { scrapedParts, stackMetrics } from './stack-metrics.ts';

// Of others, where a file names them; of Thanos, whose rules name all that begin so.
const named: readonly string[] = [...Object.values(targetJobs), ...thanosParts];
const jobsOf = (place: Place) =>
  prometheus(place)
    .scrape_configs.map((job) => job.job_name)
    .filter((job) => !named.includes(job));

test('A19 the scraped parts are those that Prometheus scrapes somewhere, by the same names', () => {
  const places = [compose, ...[single, team, scale].map(kubernetes)];
  expect([...scrapedParts].sort()).toEqual([...new Set(places.flatMap(jobsOf))].sort());
  expect(jobsOf(compose)).not.toContain('sampler');
});

test('every metric of the stack is declared once, with legal names and a meaning', () => {
  const names = stackMetrics.map((metric) => metric.name);
  expect(names).toEqual([...new Set(names)]);
  for (const { name, labels, means, from } of stackMetrics) {
    // Prometheus' own ALERTS are in capitals.
    expect(name).toMatch(/^([a-z_:][a-z0-9_:]*|ALERTS\w*)$/);
    expect(labels).toEqual([...new Set(labels)]);
    expect(labels.filter((label) => !/^[a-z_][a-z0-9_.]*$/.test(label))).toEqual([]);
    expect(means, name).not.toBe('');
    expect(from, name).not.toEqual([]);
  }
});
