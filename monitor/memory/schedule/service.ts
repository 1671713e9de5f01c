/** The memory as a service: its rounds, and a page that says whether it is well. */
import { type Door, listening, probesAlone } from '../../../service/server.ts';
import type { Ledger } from '../../store/store.ts';
import type { Sources } from '../collect/collect.ts';
import { returnedErrors } from '../knowledge/returned-errors.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { Clock } from './clock.ts';
import { Leader } from './leader.ts';
import { Rounds, type RoundsOptions } from './rounds.ts';
import { Telemetry, traced, untraced } from './telemetry.ts';

export interface MemoryServiceOptions extends Door {
  /** Closed with the service, as is the ledger. */
  readonly store: MemoryStore;
  readonly ledger: Ledger;
  /** The folder that memory is written to. */
  readonly root: string;
  readonly prometheus: Sources['prometheus'];
  readonly escalation: Sources['escalation'];
  /** How far back metrics are there whole, ms. */
  readonly keptMs: number;
  /** One line for people. */
  readonly notice: (line: string) => void;
  readonly now?: () => number;
  /** How quickly looks follow one another. Default: as rounds.ts says, on the real clock. */
  readonly pace?: Partial<Pick<RoundsOptions, 'everyMs' | 'elapsedMs'>>;
}

const limits = {
  bodyBytes: 1024,
  requestTimeoutMs: 10_000,
  headersTimeoutMs: 5_000,
  checkEveryMs: 1_000,
  closingTimeoutMs: 2_000,
};

const unready = 'Cannot remember: its store does not answer. The log of the memory says why.';

export interface MemoryService {
  readonly url: string;
  /** Ends with the step that is under way, and gives the lease back. */
  close(): Promise<void>;
}

/** @throws Error that says why it cannot start */
export async function openMemoryService(options: MemoryServiceOptions): Promise<MemoryService> {
  const { store, ledger, root, escalation, notice, now = Date.now, bind, port } = options;
  const closing = new AbortController();
  const prometheus = { ...options.prometheus, fetch: endedBy(closing.signal, options.prometheus.fetch ?? fetch) };
  const clock = new Clock(prometheus, now);
  const telemetry = new Telemetry({
    now,
    newestDay: async () => (await store.done('day')).at(-1),
    sinceMs: async () => (await untraced(() => clock.read())).sinceMs,
    returnedErrors: () => returnedErrors(store),
  });
  const rounds = new Rounds({
    ...{ store, leader: new Leader({ store, now }), root, keptMs: options.keptMs, notice },
    ...{ times: () => clock.read(), elapsedMs: () => performance.now(), ...options.pace },
    sources: { prometheus, ledger, memory: store, escalation },
    traced,
    onMade: (job, _, seconds) => telemetry.made(job, seconds),
    onFailed: (job) => telemetry.failed(job),
  });
  const server = await listening(
    probesAlone(limits, () => store.done('week'), unready),
    { bind, port, closingTimeoutMs: limits.closingTimeoutMs },
  );
  untraced(() => rounds.start());
  return {
    url: server.url,
    async close() {
      closing.abort();
      try {
        await Promise.all([server.close(), rounds.close()]);
      } finally {
        await Promise.all([store.close(), ledger.close()]);
      }
    },
  };
}

/** What is being asked when the service ends is given up. */
function endedBy(signal: AbortSignal, ask: typeof fetch): typeof fetch {
  return (input, init = {}) =>
    ask(input, { ...init, signal: AbortSignal.any([signal, ...(init.signal ? [init.signal] : [])]) });
}
