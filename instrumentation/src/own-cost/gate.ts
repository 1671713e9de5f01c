import { type Level, levels } from './decide-level.ts';

/** What the current level lets through. At the level the process was started with, everything that was asked for. */
export class Gate {
  readonly top: Level;
  readonly #recordsSpans: boolean;
  readonly #listeners: ((level: Level) => void)[] = [];
  #level: Level;

  /** `recordsSpans` false: not even at the top, as in the preset `metrics`. */
  constructor(top: Level, recordsSpans = true) {
    this.top = top;
    this.#level = top;
    this.#recordsSpans = recordsSpans;
  }

  get level(): Level {
    return this.#level;
  }

  set level(level: Level) {
    this.#level = level;
    for (const listener of this.#listeners) listener(level);
  }

  /** Told of each change. */
  follow(listener: (level: Level) => void): void {
    this.#listeners.push(listener);
  }

  /** Of a bridge from a log library, or written to OpenTelemetry itself, such as the fleet's audit events, which are few. */
  admitsLogs(bridge: boolean): boolean {
    return !bridge || this.#level === this.top;
  }

  /** Of HTTP, the fleet or the host's own, or one of another instrumentation, such as that of a database. */
  admitsSpans(essential: boolean): boolean {
    if (this.#level === this.top) return this.#recordsSpans;
    return this.#level === 'spans' && essential;
  }
}

/** Whether spans of this scope are worth more than their cost longest: all but those of instrumentations other than HTTP's. */
export function isEssential(scope: string): boolean {
  return !/^@opentelemetry\/instrumentation-(?!(http|undici)$)/.test(scope);
}

/** Whether log records of this scope were written for another destination first. */
export function isBridge(scope: string): boolean {
  return /^@opentelemetry\/(instrumentation-|winston-transport$)|\/console$/.test(scope);
}

/** 3 full, 2 spans, 1 metrics: what `fleetscope.instrumentation.level` shows. */
export function levelNumber(level: Level): number {
  return levels.indexOf(level) + 1;
}
