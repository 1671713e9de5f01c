import { type CommandTimes, measureCommands } from './ledger-commands.ts';
import { type MadeLedger, madeLedger } from './ledger-made.ts';
import { type ExportMemory, measureExport } from './ledger-memory.ts';
import { mongoServer } from './ledger-mongo.ts';
import { measureProcesses, type ProcessTimes } from './ledger-processes.ts';
import { callsOf, measureRate, type Rate, spansOf, sqliteCalls, sqliteTelemetry } from './ledger-rates.ts';
import { measureUpkeep, type Upkeep } from './ledger-upkeep.ts';
import { loadNow, type Machine, machineSince } from './machine.ts';

export interface LedgerReport {
  readonly machine: Machine;
  readonly rates: {
    readonly telemetry: Rate;
    readonly calls: Rate;
    /** Or why there is none. */
    readonly mongo: { readonly server: string; readonly telemetry: Rate } | string;
  };
  readonly ledger: MadeLedger;
  readonly commands: readonly CommandTimes[];
  readonly processes: readonly ProcessTimes[];
  readonly upkeep: Upkeep;
  /** Of a hundredth, a tenth, and the whole ledger. */
  readonly exports: readonly ExportMemory[];
}

export interface LedgerOptions {
  /** A little of everything, to see that it works. Its numbers mean nothing. */
  readonly quick: boolean;
  /** In the ledger that is asked. */
  readonly executions: number;
  readonly progress: (text: string) => void;
}

/** Runs the whole bench. The first time most of it is the making of the ledger: some thousand executions a second. */
export async function benchLedger({ quick, executions, progress }: LedgerOptions): Promise<LedgerReport> {
  const before = loadNow();
  const whole = quick ? 2000 : executions;
  const ledger = madeLedger(whole, progress);
  const smaller = [madeLedger(whole / 100, progress), madeLedger(whole / 10, progress)];
  const rates = await measureRates(quick, progress);
  const commands = await measureCommands(ledger, quick ? 2 : 24, progress);
  const processes = await measureProcesses(ledger, quick ? 1 : 20, progress);
  const exports: ExportMemory[] = [];
  for (const made of [...smaller, ledger]) {
    progress(`export: ${made.executions} executions`);
    exports.push(await measureExport(made));
  }
  const upkeep = await measureUpkeep(ledger, progress);
  return {
    machine: machineSince(before),
    ...{ rates, ledger, commands, processes, upkeep, exports },
  };
}

async function measureRates(quick: boolean, progress: (text: string) => void): Promise<LedgerReport['rates']> {
  const rounds = quick ? 1 : 5;
  const plan = (what: string, runs: number) => ({
    ...{ runs: quick ? 10 : runs, rounds },
    progress: (round: number) => progress(`rates: ${what}, round ${round} of ${rounds}`),
  });
  const telemetry = await measureRate(sqliteTelemetry, spansOf, plan('telemetry', 1000));
  const calls = await measureRate(sqliteCalls, callsOf, plan('calls', 40));
  return { telemetry, calls, mongo: await measureMongo(plan('telemetry to MongoDB', 20)) };
}

async function measureMongo(plan: Parameters<typeof measureRate>[2]): Promise<LedgerReport['rates']['mongo']> {
  let server: Awaited<ReturnType<typeof mongoServer>>;
  try {
    server = await mongoServer(process.env.FLEETSCOPE_BENCH_MONGODB || undefined);
  } catch (error) {
    // No Go, no network: the other numbers are worth having.
    return (error as Error).message.split('\n')[0] as string;
  }
  await using running = server;
  return { server: running.name, telemetry: await measureRate(running.telemetry, spansOf, plan) };
}
