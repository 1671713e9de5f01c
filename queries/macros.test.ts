import { expect, test } from 'vitest';
import { withoutMacros } from './macros.ts';

test.each([
  ['rate(up[$__rate_interval])', 'rate(up[1m])'],
  ['max_over_time(up[$__range:$__interval])', 'max_over_time(up[1h:15s])'],
  ['increase(up[1h]) / $__range_s', 'increase(up[1h]) / 3600'],
  ['topk($most, rate(up[$window] offset $ago))', 'topk(1, rate(up[1m] offset 1m))'],
  [`up{job=~"$agent", instance=~"a.+|\${host:regex}"}`, 'up{job=~".*", instance=~"a.+|.*"}'],
  ['label_replace(up, "a", "x", "job", "costs \\"5\\"")', 'label_replace(up, "a", "x", "job", "costs \\"5\\"")'],
])('%s is checked as %s', (text, plain) => {
  expect(withoutMacros(text)).toBe(plain);
});
