import { styleText } from 'node:util';
import type { Report } from './doctor.ts';
import type { Freshness } from './freshness.ts';
import type { Hop } from './hops.ts';

/** `ok  Tempo, by id  1.21 s  found at …`, and below a failure the setting to look at. */
export function hopLine({ hop, ok, latencyMs, detail, setting }: Hop): string {
  const mark = ok ? styleText('green', 'ok  ') : styleText('red', 'FAIL');
  const latency = latencyMs === undefined ? '' : `${(latencyMs / 1000).toFixed(2)} s`;
  const line = `${mark}  ${hop.padEnd(16)}  ${latency.padStart(8)}  ${detail}`;
  return setting ? `${line}\n      look at: ${setting}` : line;
}

/** What is printed when all hops are. */
export function summary(report: Report): string {
  const { freshness, unseen } = report;
  return [
    ...(freshness.length > 0 ? [freshnessTable(freshness)] : []),
    ...(unseen ? [unseenLine(unseen)] : []),
    verdict(report),
  ].join('\n');
}

/** The percentiles of all canaries, in seconds. */
export function freshnessTable(measured: readonly Freshness[]): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`.padStart(8);
  return [
    `Freshness over ${measured[0]?.canaries} canaries, from span.end() to findable:`,
    `      ${''.padEnd(16)}  ${'p50'.padStart(8)}  ${'p95'.padStart(8)}  ${'max'.padStart(8)}   lost`,
    ...measured.map(
      ({ finding, p50Ms, p95Ms, maxMs, lost }) =>
        `      ${finding.padEnd(16)}  ${seconds(p50Ms)}  ${seconds(p95Ms)}  ${seconds(maxMs)}  ${String(lost).padStart(5)}`,
    ),
  ].join('\n');
}

/** What nobody sees from outside. */
function unseenLine(unseen: readonly string[]): string {
  return `Not looked at, because nobody reaches it from outside: ${unseen.join('; ')}. With --kubernetes it is, by kubectl.`;
}

export function verdict({ ok, hops, unseen }: Report): string {
  if (ok) return styleText('green', unseen ? 'What is seen from outside works.' : 'Every hop works.');
  const failed = hops.filter((hop) => !hop.ok).length;
  return failed > 0
    ? styleText('red', `${failed} of ${hops.length} hops fail.`)
    : styleText('red', 'Every hop works, but some canaries were lost.');
}
