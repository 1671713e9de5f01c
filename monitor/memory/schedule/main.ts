/** `node --import @fleetscope/instrumentation/register main.ts`: the memory as a process. Its settings: settings.ts. */
import { run } from '../../../service/run.ts';
import { openLedger } from '../../store/open.ts';
import { openMemory } from '../store/open.ts';
import { openMemoryService } from './service.ts';
import { memorySettings } from './settings.ts';

await run('FLEETSCOPE_MEMORY_LISTEN', async ({ env, listen, notice, onBroken }) => {
  const { memory, ledger: ledgerName, ...given } = memorySettings(env);
  // Another process writes it, and mends it.
  const ledger = await openLedger(ledgerName, { notice, ifDamaged: 'leave' });
  const store = await openMemory(memory, { notice, onBroken }).catch(async (error) => {
    await ledger.close();
    throw error;
  });
  return openMemoryService({
    ...{ ...listen, ...given, store, ledger, notice },
  }).catch(async (error) => {
    await Promise.all([store.close(), ledger.close()]);
    throw error;
  });
});
