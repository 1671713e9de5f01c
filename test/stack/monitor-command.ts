/** `npm run monitor` as a process, for tests that bring their own databases. */
import { join } from 'node:path';
import { execa } from 'execa';
import type { Fact } from '../../monitor/ledger/fact.ts';
import { openLedger } from '../../monitor/store/open.ts';
import type { Ledger } from '../../monitor/store/store.ts';
import { repository } from './command-line.ts';

/** @param folder a home of its own; what is compiled is kept there, too. */
export function monitorIn(folder: string) {
  const env = { FLEETSCOPE_HOME: folder, FLEETSCOPE_MONITOR_DB: '', NODE_COMPILE_CACHE: join(folder, 'compiled') };
  return (db: string, line: string, more: Record<string, string> = {}) =>
    execa(process.execPath, [join(repository, 'scripts', 'monitor.ts'), '--db', db, ...line.split(' ')], {
      ...{ reject: false, stdin: 'ignore', env: { ...env, ...more }, maxBuffer: 2 ** 30 },
    });
}

/** Opened, written to and closed, as a program would that ends. */
export async function record(db: string, facts: readonly Fact[]): Promise<void> {
  const ledger = await openLedger(db);
  await ledger.record(facts);
  await ledger.close();
}

export type Run = ReturnType<Ledger['export']> extends AsyncIterable<infer One> ? One : never;

/** Everything that a ledger has, oldest first. */
export async function runsIn(db: string): Promise<Run[]> {
  const ledger = await openLedger(db);
  const runs: Run[] = [];
  for await (const run of ledger.export()) runs.push(run);
  await ledger.close();
  return runs;
}
