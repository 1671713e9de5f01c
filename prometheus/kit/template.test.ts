import { expect, test } from 'vitest';
import { render } from './template.ts';

const labels = { agent_name: 'qa', api_name: "a b/c'" };

// The expectations are what Prometheus 3.15 writes (template/template.go); the proofs compare ours with promtool's.
test.each([
  ['{{ $labels.agent_name }} fails', 0, 'qa fails'],
  ['{{$labels.nobody}}.', 0, '.'],
  ['{{ $labels.api_name | urlquery }}', 0, 'a+b%2Fc%27'],
  ['{{ $value }}', 6, '6'],
  ['{{ $value | humanizePercentage }}', 0.0525, '5.25%'],
  ['{{ $value | humanizePercentage }}', 1 / 3, '33.33%'],
  ['{{ $value | humanize }}', 0, '0'],
  ['{{ $value | humanize }}', 101, '101'],
  ['{{ $value | humanize }}', 10_500, '10.5k'],
  ['{{ $value | humanize }}', 1_234_567, '1.235M'],
  ['{{ $value | humanize }}', 0.0042, '4.2m'],
  ['{{ $value | humanizeDuration }}', 5.25, '5.25s'],
  ['{{ $value | humanizeDuration }}', 0.21, '210ms'],
  ['{{ $value | humanizeDuration }}', 126, '2m 6s'],
  ['{{ $value | humanizeDuration }}', 3661, '1h 1m 1s'],
  ['{{ $value | humanizeDuration }}', 90_061.9, '1d 1h 1m 1s'],
  ['{{ $value | humanizeDuration }}', -61, '-1m 1s'],
  ['{{ $value | printf "%.2f" }} USD', 26.565, '26.57 USD'],
  ['{{ $value | humanizePercentage }}', Number.NaN, 'NaN%'],
  ['{{ $value | humanizePercentage }}', Number.POSITIVE_INFINITY, '+Inf%'],
  ['{{ $value | humanizePercentage }}', 123.456, '1.235e+04%'],
])('A01 %s with %d is told as "%s"', (template, value, text) => {
  expect(render(template, labels, value)).toBe(text);
});

test.each([
  ['{{ .Value }}', 'write $value or $labels.<name>'],
  ['{{ $value | humanise }}', 'write one of humanize, humanizePercentage'],
])('A01 %s is refused', (template, message) => {
  expect(() => render(template, labels, 1)).toThrow(message);
});
