import { setTimeout as delay } from 'node:timers/promises';
import { until } from './ask.ts';
import type { CanarySender } from './canary.ts';
import { type Finding, find } from './find.ts';
import type { Targets } from './targets.ts';

/** How long after `span.end()` a signal could be found, over all canaries that were. */
export interface Freshness {
  finding: Finding;
  canaries: number;
  /** Canaries not found before the time-out. */
  lost: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

const betweenMs = 250;
const pollMs = 250;

/** Sends canaries a quarter of a second apart and follows each of them in every backend. */
export async function freshness(
  sender: CanarySender,
  targets: Targets,
  options: { canaries: number; timeoutMs: number },
): Promise<Freshness[]> {
  const findings = Object.keys(find) as Finding[];
  const latencies = new Map<Finding, Promise<number | undefined>[]>(findings.map((finding) => [finding, []]));
  for (let sent = 0; sent < options.canaries; sent++) {
    const canary = await sender.send();
    for (const finding of findings) {
      const found = until(() => find[finding](targets, canary), { timeoutMs: options.timeoutMs, everyMs: pollMs });
      latencies.get(finding)?.push(found.then((result) => (result.found ? Date.now() - canary.endedAtMs : undefined)));
    }
    await delay(betweenMs);
  }
  return Promise.all(
    findings.map(async (finding) => summarize(finding, await Promise.all(latencies.get(finding) ?? []))),
  );
}

/** Nearest-rank percentiles: every number printed is one that was measured. */
export function summarize(finding: Finding, latenciesMs: (number | undefined)[]): Freshness {
  const found = latenciesMs.filter((ms) => ms !== undefined).sort((a, b) => a - b);
  const rank = (share: number) => found[Math.max(0, Math.ceil(share * found.length) - 1)] ?? Number.NaN;
  return {
    finding,
    canaries: latenciesMs.length,
    lost: latenciesMs.length - found.length,
    p50Ms: rank(0.5),
    p95Ms: rank(0.95),
    maxMs: rank(1),
  };
}
