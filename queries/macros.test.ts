import { expect, test } from 'vitest';
import { variablesIn, withoutMacros } from './macros.ts';

test.each([
  ['rate(up[$__rate_interval])', 'rate(up[4m])'],
  ['max_over_time(up[$__range:$__interval])', 'max_over_time(up[1h:1m])'],
  ['min_over_time(timestamp(up)[$__range:5m])', 'min_over_time(timestamp(up)[1h:5m])'],
  ['increase(up[1h]) / $__range_s', 'increase(up[1h]) / 3600'],
  ['topk($most, rate(up[$window] offset $ago))', 'topk(1, rate(up[1m] offset 1m))'],
  [`up{job=~"$agent", instance=~"a.+|\${host:regex}"}`, 'up{job=~".*", instance=~"a.+|.*"}'],
  ['label_replace(up, "a", "x", "job", "costs \\"5\\"")', 'label_replace(up, "a", "x", "job", "costs \\"5\\"")'],
])('%s is checked as %s', (text, plain) => {
  expect(withoutMacros(text)).toBe(plain);
});

test('a chosen value stands for its variable', () => {
  expect(withoutMacros('up{job=~"$job"}[$window]', { job: 'loki|tempo', window: '5m' })).toBe(
    'up{job=~"loki|tempo"}[5m]',
  );
});

test('the variables of a dashboard are told from Grafana’s macros and from captures', () => {
  const query = `label_replace(rate(up{job=~"$job", instance=~"\${host:regex}"}[$__rate_interval]), "a", "$1", "job", "(.*)")`;
  expect(variablesIn(query)).toEqual(['job', 'host']);
});
