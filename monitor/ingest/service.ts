/** The ledger as a service, and how its parts are joined: spans come in by server.ts, intake.ts joins them, the ledger folds them. */
import type { Ledger } from '../store/store.ts';
import { openIngest } from './ingest.ts';
import { Intake } from './intake.ts';
import { type Limits, openServer } from './server.ts';
import { Telemetry } from './telemetry.ts';

export interface ServiceOptions {
  /** Address to listen on; port 0 is any free one. */
  readonly bind: string;
  readonly port: number;
  readonly token: string;
  /** Closed with the service. */
  readonly ledger: Pick<Ledger, 'record' | 'health' | 'close'>;
  /** One line for people. */
  readonly notice: (line: string) => void;
  readonly now?: () => number;
  readonly limits?: Partial<Limits>;
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
  const onError = (error: unknown) => notice(`Cannot keep spans: ${(error as Error).message} They are sent again.`);
  const intake = new Intake({
    async record(facts) {
      const startedAt = performance.now();
      await ledger.record(facts);
      telemetry.wrote((performance.now() - startedAt) / 1000);
    },
  });
  const running = async (since: number) => (await ledger.health(new Date(since).toISOString())).orchestrations.running;
  const telemetry = new Telemetry({ now, waiting: () => intake.waiting, openRuns: () => running(now() - dayMs) });
  const server = await openServer({
    ...{ bind, port, token, limits, onError },
    ingest: openIngest({ intake, onSeen: (seen) => telemetry.seen(seen), onError }),
    // Of no run at all: that it answers is what counts.
    ready: async () => void (await running(now() + dayMs)),
    onRefused: (reason) => telemetry.refused(reason),
  });
  return {
    url: server.url,
    async close() {
      try {
        await Promise.all([server.close(), intake.close()]);
      } finally {
        await ledger.close();
      }
    },
  };
}
