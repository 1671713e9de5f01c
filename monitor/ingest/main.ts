/** `node --import @fleetscope/instrumentation/register main.ts`: the run ledger as a process. Its settings: settings.ts. */
import { run } from '../../service/run.ts';
import { listenOn, needed, secret } from '../../service/settings.ts';
import { tlsOf } from '../../service/tls.ts';
import { openLedger } from '../store/open.ts';
import { openService } from './service.ts';
import { keepDaysOf, ledgerOf } from './settings.ts';
import { spaceOf } from './space.ts';

await run('FLEETSCOPE_MONITOR_LISTEN', async ({ env, listen, notice, onBroken }) => {
  const data = needed(env, 'FLEETSCOPE_MONITOR_DATA', 'a folder that outlives the process');
  const token = secret(env, 'FLEETSCOPE_MONITOR_TOKEN_FILE');
  const keepDays = keepDaysOf(env);
  const tls = tlsOf(env);
  const doors = tls && { tls, probes: listenOn(env, 'FLEETSCOPE_MONITOR_PROBES_LISTEN') };
  const name = ledgerOf(env, data);
  const ledger = await openLedger(name, { notice, onBroken });
  const space = () => spaceOf(name);
  return openService({ ...listen, token, ledger, notice, keepDays, space, ...doors }).catch(async (error) => {
    await ledger.close();
    throw error;
  });
});
