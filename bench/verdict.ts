import type { Report, Row } from './instrumentation.ts';
import { baseline, type ModuleSystem, type Service, upstream } from './variants.ts';

/** One promise against what was measured. */
export interface Finding {
  promise: string;
  measured: string;
  kept: boolean;
}

/** The promises of I06: the preset `full` on the realistic service. Added = less what the same thing takes without any. */
export function verdict(report: Report): Finding[] {
  const findings: Finding[] = [];
  for (const modules of new Set(report.rows.map((row) => row.modules))) {
    const added = 100 * (ratioOf(report, modules, 'saturation', 'cpuMs') - 1);
    findings.push({
      promise: `${modules}: less than 5 % added CPU per request at saturation (target: less than 1 %)`,
      measured: `${added.toFixed(1)} %`,
      kept: added < 5,
    });
    for (const service of new Set(report.rows.map((row) => row.service))) {
      const { total, added } = startShares(report, service, modules);
      findings.push({
        promise: `${modules}, ${service}: a start of at most a third of auto-instrumentations-node (target: a sixth of what it adds)`,
        measured: `${percent(total)} of its total, ${percent(added)} of what it adds`,
        kept: Math.max(added, service === 'bare' ? total : 0) <= 1 / 3,
      });
    }
  }
  return findings;
}

/** Ours as a share of upstream's: spawn to first line in all, and less what plain Node takes. */
export function startShares(report: Report, service: Service, modules: ModuleSystem): { total: number; added: number } {
  const start = (variant: string) => {
    const row = find(report, { service, modules, situation: 'start', variant });
    return row.numbers.startMs?.value.median ?? Number.NaN;
  };
  const [none, ours, theirs] = [start(baseline.name), start('full'), start(upstream.name)];
  return { total: ours / theirs, added: (ours - none) / (theirs - none) };
}

function ratioOf(report: Report, modules: ModuleSystem, situation: Row['situation'], number: string): number {
  const row = find(report, { service: 'realistic', modules, situation, variant: 'full' });
  return row.numbers[number]?.ratio.median ?? Number.NaN;
}

function find(report: Report, wanted: Pick<Row, 'service' | 'modules' | 'situation' | 'variant'>): Row {
  const found = report.rows.find((row) =>
    Object.entries(wanted).every(([key, value]) => row[key as keyof typeof wanted] === value),
  );
  if (!found) throw new Error(`Cannot judge: ${Object.values(wanted).join(', ')} was not measured.`);
  return found;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
