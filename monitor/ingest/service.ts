/** The ledger as a service, and how its parts are joined: spans come in by server.ts, intake.ts joins them, the ledger folds them. */
import type { Tls } from '../../place.ts';
import { tellCertificateEnd } from '../../service/certificate-end.ts';
import type { Door } from '../../service/server.ts';
import type { Ledger } from '../store/store.ts';
import { Canaries } from './canaries.ts';
import { openIngest, type Seen } from './ingest.ts';
import { Intake } from './intake.ts';
import { Retention } from './retention.ts';
import { type Limits, openServer } from './server.ts';
import type { Space } from './space.ts';
import { Telemetry } from './telemetry.ts';

export interface ServiceOptions {
  /** Address to listen on; port 0 is any free one. */
  readonly bind: string;
  readonly port: number;
  readonly token: string;
  /** Closed with the service. */
  readonly ledger: Pick<Ledger, 'record' | 'running' | 'cleanup' | 'close'>;
  /** Days that a run is kept from its last word. Default 0: for ever. */
  readonly keepDays?: number;
  /** What the ledger takes of its disk. Default: nothing is known. */
  readonly space?: () => Space | undefined;
  /** One line for people. */
  readonly notice: (line: string) => void;
  readonly now?: () => number;
  readonly limits?: Partial<Limits>;
  /** server.ts */
  readonly tls?: Tls;
  readonly probes?: Door;
}

export interface Service {
  readonly url: string;
  /** Takes nothing more, answers what it has taken, closes the ledger. */
  close(): Promise<void>;
}

const dayMs = 86_400_000;

/** @throws Error that says why it cannot start. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { ledger, notice, now = Date.now, bind, port, token, limits = {} } = options;
  const { keepDays = 0, space = () => undefined, tls, probes } = options;
  const onError = (error: unknown) => notice(`Cannot keep spans: ${(error as Error).message} They are sent again.`);
  const intake = new Intake({
    async record(facts) {
      const startedAt = performance.now();
      await ledger.record(facts);
      telemetry.wrote((performance.now() - startedAt) / 1000);
    },
  });
  const running = (since: number) => ledger.running(new Date(since).toISOString());
  const telemetry = new Telemetry({
    now,
    waiting: () => intake.waiting,
    openRuns: () => running(now() - dayMs),
    space,
  });
  if (tls) tellCertificateEnd(tls);
  const onRemoved = (runs: number) => telemetry.removed(runs);
  const retention = new Retention({ ledger, days: keepDays, now, notice, onRemoved });
  const canaries = new Canaries();
  const onSeen = (seen: Seen) => {
    telemetry.seen(seen);
    canaries.note(seen.kept);
  };
  const server = await openServer({
    ...{ bind, port, token, limits, onError, notice },
    ...(tls && { tls }),
    ...(probes && { probes }),
    ingest: openIngest({ intake, onSeen, onError }),
    // Of no run at all: that it answers is what counts.
    ready: async () => void (await running(now() + dayMs)),
    onRefused: (reason) => telemetry.refused(reason),
    canaryIsKept: (traceId) => canaries.has(traceId),
  });
  retention.start();
  return {
    url: server.url,
    async close() {
      retention.close();
      try {
        await Promise.all([server.close(), intake.close()]);
      } finally {
        await ledger.close();
      }
    },
  };
}
