import { expect, test } from 'vitest';
import { compose } from '../place.ts';
import { prometheus } from '../prometheus/prometheus.ts';
import { targetJobs } from '../prometheus/scrape-targets.ts';
import { scrapedParts, stackMetrics } from './stack-metrics.ts';

test('the scraped parts are those that Prometheus scrapes, by the same names', () => {
  expect([...scrapedParts].sort()).toEqual(
    prometheus(compose)
      .scrape_configs.map((job) => job.job_name)
      // Of others, where a file names them.
      .filter((job) => !Object.values<string>(targetJobs).includes(job))
      .sort(),
  );
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
