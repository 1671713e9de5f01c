import type { Metric } from './metric.ts';

/** Units that Prometheus spells out (prometheus/otlptranslator, `unit_namer.go`); any other stands as it is. */
const units: Record<string, string> = { s: 'seconds', ms: 'milliseconds', By: 'bytes', '%': 'percent' };

/**
 * The name under which Prometheus stores a metric that came by OTLP: dots become underscores, the unit is spelt out and
 * put last, a counter ends in `_total`. (Its default translation strategy, UnderscoreEscapingWithSuffixes.)
 */
export function prometheusName({ kind, name, unit }: Pick<Metric, 'kind' | 'name' | 'unit'>): string {
  const words = name.split(/[^a-zA-Z0-9:]+/).filter(Boolean);
  const suffix = unitWord(kind, unit);
  if (suffix && !words.includes(suffix)) words.push(suffix);
  const isCounter = kind === 'counter';
  return [...(isCounter ? words.filter((word) => word !== 'total') : words), ...(isCounter ? ['total'] : [])].join('_');
}

/** A label as Prometheus stores it. */
export function prometheusLabel(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, '_');
}

function unitWord(kind: Metric['kind'], unit: string): string | undefined {
  if (unit.startsWith('{')) return undefined;
  if (unit === '1') return kind === 'gauge' ? 'ratio' : undefined;
  return units[unit] ?? unit;
}
