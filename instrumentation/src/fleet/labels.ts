import { diag } from '@opentelemetry/api';
import type { Label } from '../catalog/attribute.ts';
import { shared } from './shared.ts';

/** What stands for a value beyond the bounds of its label. The conventions' own word. */
export const otherValue = '_OTHER';

// By name: the same label of another copy of the catalogue has the same bound.
const seen = shared('labels', () => new Map<string, Set<string>>());

/**
 * A value that may stand on a metric: one of the closed set, or one of the first `atMost` that came.
 * A value too many becomes `_OTHER`, said once per label. `undefined` stays away where the label may be absent.
 */
export function bounded(label: Label, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return label.absentWhen ? undefined : 'unknown';
  // As much as tells values apart: what is remembered is bounded too.
  const text = String(value).slice(0, 200);
  if (label.values) return label.values.includes(text) ? text : refuse(label, text);
  const values = seen.get(label.name) ?? new Set();
  seen.set(label.name, values);
  if (values.has(text)) return text;
  if (values.size >= label.atMost) return refuse(label, text);
  values.add(text);
  return text;
}

const told = new WeakSet<Label>();

function refuse(label: Label, value: string): string {
  if (!told.has(label)) {
    told.add(label);
    const allowed = label.values ? `one of ${label.values.join(', ')}` : `at most ${label.atMost} different values`;
    diag.warn(
      `Recorded ${label.name} as ${otherValue}: "${value.slice(0, 80)}" is beyond ${allowed}. Ids belong on spans.`,
    );
  }
  return otherValue;
}
