/** The measured costs that the plan rests on: scale-units.json, written by `npm run bench -- scale --write`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from '../stack.ts';
import type { Backend } from './scale-stack.ts';

/** Of one sample, one line of a log, one span. */
export type PerUnit<Of> = Readonly<Record<'samples' | 'logs' | 'spans', Of>>;

export interface ScaleUnits {
  /** CPU µs by process, and without load: cores. */
  readonly cpuMicros: PerUnit<Readonly<Partial<Record<Component, number>>>>;
  readonly idleCores: Readonly<Partial<Record<Component, number>>>;
  /** Units a second while memory was looked at, and what that was, MiB. */
  readonly rates: PerUnit<number>;
  readonly rssMib: PerUnit<Readonly<Partial<Record<Component, number>>>>;
  readonly idleRssMib: Readonly<Partial<Record<Component, number>>>;
  /** Of Prometheus, for each active series. */
  readonly bytesPerSeries: number;
  /** Of text in a line. */
  readonly textBytesPerLine: number;
  /** On the wire to the Collector, and from it. */
  readonly bytesIn: PerUnit<number>;
  readonly bytesOut: PerUnit<Readonly<Partial<Record<Backend, number>>>>;
  /** Kept for long: of a sample in a block, a line in chunks, a span in a block. */
  readonly storedBytes: PerUnit<number>;
  /** Of a sample in what Prometheus writes ahead. */
  readonly aheadBytes: number;
  readonly ruleCpuMicros: number;
  readonly queryCpuMicros: number;
  readonly queriesOfADashboard: number;
  readonly answerBytes: number;
}

export const unitsFile = join(import.meta.dirname, 'scale-units.json');

export function readUnits(): ScaleUnits {
  return JSON.parse(readFileSync(unitsFile, 'utf8')) as ScaleUnits;
}
