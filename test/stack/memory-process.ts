/**
 * The memory's service as it is, as a process of its own; but what time it is, by its clock and by that of Prometheus, stands in a file, and
 * looks follow one another at once.
 */
import { readFileSync } from 'node:fs';
import { openMemoryService } from '../../monitor/memory/schedule/service.ts';
import { memorySettings } from '../../monitor/memory/schedule/settings.ts';
import { openMemory } from '../../monitor/memory/store/open.ts';
import { openLedger } from '../../monitor/store/open.ts';
import { run } from '../../service/run.ts';

export interface Clocks {
  /** ms since 1970. */
  readonly ours: number;
  readonly theirs: number;
}

const clocks = (): Clocks => JSON.parse(readFileSync(process.env.TEST_CLOCKS as string, 'utf8'));

/** All but what time it is, the real one answers; and that, where it does not answer, nobody does. */
const ask: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init);
  const isTime = init?.body instanceof URLSearchParams && init.body.get('query') === 'vector(time())';
  if (!isTime || !answer.ok) return answer;
  const { theirs } = clocks();
  const result = [{ metric: {}, value: [theirs / 1000, String(theirs / 1000)] }];
  return Response.json({ status: 'success', data: { resultType: 'vector', result } });
};

await run('FLEETSCOPE_MEMORY_LISTEN', async ({ env, listen, notice, onBroken }) => {
  const { memory, ledger: ledgerName, prometheus, ...given } = memorySettings(env);
  const ledger = await openLedger(ledgerName, { notice, ifDamaged: 'leave' });
  return openMemoryService({
    ...{ ...listen, ...given, notice, ledger, store: await openMemory(memory, { notice, onBroken }) },
    prometheus: { ...prometheus, fetch: ask },
    now: () => clocks().ours,
    // Half a minute of waiting is 25 ms.
    pace: { everyMs: 25, elapsedMs: () => 1200 * performance.now() },
  });
});
