/** Spans of AI calls: those that real libraries sent (collector/fixtures), and ones made up for a test. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../scripts/twins.ts';
import type { Attribute, Logs, Span, Traces, Value } from './collector-alone.ts';

export interface Fixture {
  /** For people: library, version, file. */
  title: string;
  library: string;
  version: string;
  recorded: boolean;
  request: Traces;
  logs?: Logs;
  expect: { name: string; attributes: Record<string, unknown> }[];
}

const folder = join(repository, 'collector', 'fixtures');
export const fixtures: Fixture[] = readdirSync(folder).map((file) => {
  const fixture = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Fixture;
  return { ...fixture, title: `${fixture.library} ${fixture.version}: ${file}` };
});

/** Attributes as plain values. */
export function plain({ attributes = [] }: Span): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: Value): unknown {
  if (value.arrayValue) return value.arrayValue.values.map(plainValue);
  return value.intValue === undefined ? (value.stringValue ?? value.doubleValue) : Number(value.intValue);
}

export function requestOf(...spans: Span[]): Traces {
  return { resourceSpans: [{ resource: {}, scopeSpans: [{ scope: { name: 'test' }, spans }] }] };
}

/** A span with these attributes; whole numbers become integers. */
export function spanOf(values: Record<string, unknown>) {
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'one',
    kind: 3,
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000001000000000',
    attributes: attributesOf(values),
  };
}

export function attributesOf(values: Record<string, unknown>): Attribute[] {
  const wrap = (value: unknown): Value => {
    if (Array.isArray(value)) return { arrayValue: { values: value.map(wrap) } };
    if (typeof value === 'string') return { stringValue: value };
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value as number };
  };
  return Object.entries(values).map(([key, value]) => ({ key, value: wrap(value) }));
}
