import { guard } from './guard.ts';

/** Most CPU (share of one core) and memory the process used while something ran. */
export interface PeakUse {
  cpu: number;
  memoryBytes: number;
}

interface Observer {
  peak: PeakUse;
}

interface Reading {
  cpuMicros: number;
  atMs: number;
}

const observers = new Set<Observer>();
const everyMs = 100;
let timer: NodeJS.Timeout | undefined;
let last: Reading;

/**
 * Watches the process from `start` to `stop`, by one timer for all that watch, which does not keep it alive.
 * `stop` gives undefined where nothing was started. Neither throws.
 */
export function peakUse(): { start(): void; stop(): PeakUse | undefined } {
  const observer: Observer = { peak: { cpu: 0, memoryBytes: 0 } };
  let begun: Reading | undefined;
  return {
    start() {
      guard(() => {
        begun = read();
        if (observers.size === 0) {
          last = begun;
          timer = setInterval(sample, everyMs).unref();
        }
        observers.add(observer);
      });
    },
    stop() {
      if (!begun) return undefined;
      const since = begun;
      if (observers.delete(observer)) guard(() => note(observer, share(since, read()), process.memoryUsage.rss()));
      if (observers.size === 0) clearInterval(timer);
      return observer.peak;
    },
  };
}

function sample(): void {
  guard(() => {
    const now = read();
    const cpu = share(last, now);
    const memoryBytes = process.memoryUsage.rss();
    last = now;
    for (const observer of observers) note(observer, cpu, memoryBytes);
  });
}

function note({ peak }: Observer, cpu: number, memoryBytes: number): void {
  peak.cpu = Math.max(peak.cpu, cpu);
  peak.memoryBytes = Math.max(peak.memoryBytes, memoryBytes);
}

function read(): Reading {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system, atMs: performance.now() };
}

function share(from: Reading, to: Reading): number {
  const elapsedMs = to.atMs - from.atMs;
  return elapsedMs > 1 ? (to.cpuMicros - from.cpuMicros) / 1000 / elapsedMs : 0;
}
