import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../doctor/ask.ts';
import { CanarySender } from '../../doctor/canary.ts';
import { allPanelQueries } from '../../grafana/panel-queries.ts';
import { url } from '../../place.ts';
import { withoutMacros } from '../../queries/macros.ts';
import { type Metric, seriesOf } from '../../queries/metric.ts';
import { stackMetrics, written } from '../../queries/stack-metrics.ts';
import { instant, rangeSeries } from './prometheus-api.ts';
import { sendRichSpan } from './rich-span.ts';
import { startStack, type TestStack } from './stack.ts';

let stack: TestStack;
let prometheus: string;

/** Telemetry of every signal for a minute and a half: five scrapes, so that every rate has its two points. */
beforeAll(async () => {
  stack = await startStack();
  prometheus = stack.targets.prometheus;
  const sender = new CanarySender(stack.targets.otlp, 5_000);
  const scraped = await until(
    async () => {
      await sender.send();
      await sendRichSpan(url(stack.place, 'collector', 'http'));
      const [points] = await instant(prometheus, 'min(count_over_time(up[5m]))');
      return (points?.value ?? 0) >= 5;
    },
    { timeoutMs: 150_000, everyMs: 1_000 },
  );
  await sender.close();
  expect(scraped).toEqual({ found: true });
});
afterAll(() => stack?.stop());

describe('the metrics that queries rest on', () => {
  const always = stackMetrics.filter(({ absentUntil }) => absentUntil === undefined);

  test('D18 what is declared as always there is there, by its name', async () => {
    const names = always.flatMap((metric) => seriesOf(metric).map(([name]) => name));
    const absent: string[] = [];
    for (const name of names)
      if ((await instant(prometheus, `count({__name__="${name}"})`)).length === 0) absent.push(name);
    expect(absent, 'declared in queries/stack-metrics.ts, not exposed by these releases').toEqual([]);
    expect(names.length).toBeGreaterThan(20);
  });

  test('D18 the Collector counts what passes, under exactly these names', async () => {
    for (const name of [
      'otelcol_receiver_accepted_spans_total',
      'otelcol_receiver_accepted_metric_points_total',
      'otelcol_receiver_accepted_log_records_total',
      'otelcol_exporter_sent_spans_total',
      'otelcol_exporter_sent_metric_points_total',
      'otelcol_exporter_sent_log_records_total',
      'otelcol_exporter_queue_size',
      'otelcol_exporter_queue_capacity',
    ])
      expect(await instant(prometheus, `sum(${name})`), name).toHaveLength(1);
    // With another of the `without_*` switches it would be called this.
    expect(await instant(prometheus, 'otelcol_receiver_accepted_spans_total_total')).toEqual([]);
  });

  test('D18 every label that queries may name is there', async () => {
    const declared = new Set<string>();
    const seen = new Set<string>();
    // What an alert is about differs from alert to alert, and in a healthy stack one alone fires.
    const ofAlerts: Metric[] = [written.alerts, written.alertsForState];
    for (const metric of stackMetrics.filter((each) => !ofAlerts.includes(each))) {
      const series = await instant(prometheus, `{__name__="${seriesOf(metric)[0]?.[0]}"}`);
      // A metric of failures alone is not there in a healthy stack, and so are its labels.
      if (series.length > 0) for (const label of metric.labels) declared.add(label);
      for (const { metric: labels } of series) for (const label of Object.keys(labels)) seen.add(label);
    }
    expect([...declared].filter((label) => !seen.has(label))).toEqual([]);
    expect(declared.size).toBeGreaterThan(10);
  });
});

describe('D19', () => {
  // Those of the other stores, and with the values of the variables, are run by "npm run panels" beside the demo fleet.
  const queries = allPanelQueries().filter(({ source, kind }) => source === 'prometheus' && kind !== 'values');

  test.each(queries)('D19 $dashboard / $panel / $refId has data', async ({ expr, kind, allowedEmpty }) => {
    const query = withoutMacros(expr);
    const series =
      kind === 'instant' ? (await instant(prometheus, query)).length : await rangeSeries(prometheus, query);
    if (allowedEmpty === undefined) expect(series, `${query}, asked of ${prometheus}`).toBeGreaterThan(0);
  });

  test('D19 the check above can fail: a metric that nothing emits has no data', async () => {
    expect(await rangeSeries(prometheus, 'rate(otelcol_no_such_metric[1m])')).toBe(0);
    expect(queries.length).toBeGreaterThan(20);
  });
});
