/** A provider's exports against what we counted. Exports pass by; what stays is a row for each day and model. (B05, C03) */
import { type ComparedDay, compareDays, type Drift, driftOf } from './compare-days.ts';
import { readExport } from './export-file.ts';
import { type OurSources, ourDays } from './our-days.ts';
import { type Covered, TheirDays } from './their-days.ts';
import type { Provider } from './told.ts';

export interface ReconcileOptions extends OurSources {
  /** Of one report each: usage, costs, or both. */
  readonly files: readonly string[];
  /** ms since 1970: what has ended less than `settleHours` before is not judged. */
  readonly now: number;
  /** As a share of theirs. Default 0.01. (C03) */
  readonly tolerance?: number;
  /** Until a provider's day is whole. Default 24: costs of OpenAI and Anthropic come in until then. */
  readonly settleHours?: number;
}

export interface Reconciliation {
  readonly provider: Provider;
  readonly covered: { readonly usage?: Covered; readonly cost?: Covered };
  readonly days: readonly ComparedDay[];
  /** Undefined: no export tells money. */
  readonly drift: Drift | undefined;
  /** Theirs, without a price in our table. */
  readonly unknownModels: readonly string[];
  /** Billed besides tokens, and compared with nothing: 10⁻¹² USD. */
  readonly other: readonly { readonly item: string; readonly picoUsd: bigint }[];
  /** Nothing differs and nothing is lacking, but what is not yet settled. */
  readonly agrees: boolean;
}

const hourMs = 3_600_000;

/** By provider. @throws Error that names the file, the line and the field that cannot be read */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation[]> {
  const { files, table, now, tolerance = 0.01, settleHours = 24 } = options;
  const all = new Map<Provider, TheirDays>();
  for (const file of files)
    for await (const { provider, told } of readExport(file)) {
      const theirs = all.get(provider) ?? new TheirDays(provider, table);
      all.set(provider, theirs);
      theirs.add(told);
    }
  const openFrom = new Date(now - settleHours * hourMs).toISOString().slice(0, 10);
  const found: Reconciliation[] = [];
  for (const [provider, theirs] of [...all].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { covered } = theirs;
    const spans = Object.values(covered);
    const from = spans.map((one) => one.from).sort()[0] as string;
    const through = spans
      .map((one) => one.through)
      .sort()
      .at(-1) as string;
    const ours = await ourDays(options, provider, from, through);
    const days = compareDays(ours, theirs.days(), { tolerance, openFrom, covered });
    const roundedBy = theirs.days().reduce((sum, day) => (day.date < openFrom ? sum + day.roundedBy : sum), 0n);
    const drift = driftOf(days, roundedBy);
    found.push({
      ...{ provider, covered, days, drift, unknownModels: [...theirs.unknownModels].sort() },
      other: [...theirs.other].sort(([a], [b]) => (a < b ? -1 : 1)).map(([item, picoUsd]) => ({ item, picoUsd })),
      agrees: days.every(({ verdict }) => verdict === 'agrees' || verdict === 'not yet'),
    });
  }
  return found;
}
