import { writeSync } from 'node:fs';
import type { Config } from './config.ts';

const quietMs = 60_000;
const mostRemembered = 200;

/**
 * What this package says on stderr: each kind of message at most once a minute, never through `console`.
 * Silent when OTEL_LOG_LEVEL is none or error. The clock and the sink are passed in by tests.
 */
export class Reporter {
  readonly #lastSaidMs = new Map<string, number>();
  readonly #level: Config['logLevel'];
  readonly #write: (line: string) => void;
  readonly #nowMs: () => number;

  constructor(level: Config['logLevel'], write: (line: string) => void = toStderr, nowMs: () => number = Date.now) {
    this.#level = level;
    this.#write = write;
    this.#nowMs = nowMs;
  }

  /** For those who ask with OTEL_LOG_LEVEL=info or finer. */
  info(message: string): void {
    if (!['none', 'error', 'warn'].includes(this.#level)) this.warn(message);
  }

  /** `kind` tells repetitions apart where the message itself carries a time or a counter. */
  warn(message: string, kind: string = message): void {
    if (this.#level === 'none' || this.#level === 'error') return;
    const now = this.#nowMs();
    const last = this.#lastSaidMs.get(kind);
    if (last !== undefined && now - last < quietMs) return;
    if (this.#lastSaidMs.size >= mostRemembered) this.#lastSaidMs.clear();
    this.#lastSaidMs.set(kind, now);
    this.#write(`fleetscope: ${message}\n`);
  }
}

/** Any thrown value as one line. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? `${error.message || error.name}` : String(error);
  return text.replace(/\s*\n\s*/g, ' ').slice(0, 500);
}

// Synchronous, so that it also works while the process ends, and does not touch the host's `process.stderr`.
function toStderr(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // A closed or full stderr is no reason to disturb the host.
  }
}
