import type { Attributes } from '@opentelemetry/api';
import type { Label } from '../instrumentation/src/catalog/attribute.ts';
import type { Metric } from '../instrumentation/src/catalog/metric.ts';

/** What stands for a value beyond the bounds of its label. */
export const otherValue = '_OTHER';

/** Keeps labels within what the catalogue says of them: any name may come from outside, and fills no database. (T10) */
export class Bounds {
  readonly #seen = new Map<string, Set<string>>();

  /** The labels that a metric has, and no others. */
  labelsOf({ labels: declared }: Metric, given: Attributes): Attributes {
    return Object.fromEntries(
      declared.flatMap((label) => {
        const value = given[label.name];
        return value === undefined ? [] : [[label.name, this.#value(label, String(value))]];
      }),
    );
  }

  /** One that may be, or one of the first so many that came. */
  #value({ name, values, atMost }: Label, value: string): string {
    if (values) return values.includes(value) ? value : otherValue;
    const seen = this.#seen.get(name) ?? new Set();
    this.#seen.set(name, seen);
    if (seen.size < atMost) seen.add(value);
    return seen.has(value) ? value : otherValue;
  }
}
