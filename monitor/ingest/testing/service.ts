/** The service on a real socket, with a ledger in memory that a test may stop or break. */
import type { Fact } from '../../ledger/fact.ts';
import { MemoryLedger } from '../../testing/memory-ledger.ts';
import type { Limits } from '../server.ts';
import { openService } from '../service.ts';

export const token = 'the-token-of-the-test-0123456789-0123456789';

export async function service(limits: Partial<Limits> = {}) {
  const ledger = new MemoryLedger([], () => 0);
  const facts = new Map<string, Fact>();
  const seen = { notices: [] as string[], records: 0, closed: false };
  /** What the next record does first. */
  const state: { before: () => Promise<void> } = { before: async () => {} };
  const running = await openService({
    ...{ bind: '127.0.0.1', port: 0, token, limits },
    notice: (line) => seen.notices.push(line),
    ledger: {
      async record(some) {
        await state.before();
        seen.records++;
        for (const fact of some) if (!facts.has(fact.id)) facts.set(fact.id, fact);
        await ledger.record(some);
      },
      running: (since) => ledger.running(since),
      cleanup: (before) => ledger.cleanup(before),
      async close() {
        seen.closed = true;
      },
    },
  });
  const post = (body: Uint8Array | string, headers: Record<string, string> = {}) =>
    fetch(`${running.url}/v1/traces`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-protobuf', ...headers },
      body: body as Uint8Array<ArrayBuffer>,
    });
  return { ...running, post, ledger, facts, seen, state };
}

/** Everything that the ledger would export. */
export async function exported(ledger: MemoryLedger): Promise<string> {
  const runs: unknown[] = [];
  for await (const run of ledger.export()) runs.push(run);
  return JSON.stringify(runs, null, 1);
}
