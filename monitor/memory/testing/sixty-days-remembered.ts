/**
 * Sixty days as they are remembered without a Prometheus: a real ledger, the days and weeks made of it as the service makes them. What weeks are said to
 * show rests on the ledger alone, so that many seeds are asked in the time that one takes with its metrics.
 */
import { join } from 'node:path';
import { openLedger } from '../../store/open.ts';
import { collectDay, type Sources } from '../collect/collect.ts';
import { beginOf, weekOf } from '../periods.ts';
import type { Finding } from '../record.ts';
import { collectWeek } from '../schedule/make.ts';
import { openMemory } from '../store/open.ts';
import { dates, sixtyDays } from './sixty-days.ts';
import { factsOf } from './sixty-days-facts.ts';

/** Of a Prometheus that was away all the time: it answers, and has nothing. */
const nothingMeasured: Sources['prometheus'] = {
  url: 'http://prometheus.test',
  fetch: async () => Response.json({ status: 'success', data: { resultType: 'vector', result: [] } }),
};

/** @param folder an empty one, for the two databases @returns what nine weeks show */
export async function rememberedSixtyDays(seed: number, folder: string): Promise<readonly Finding[]> {
  await using ledger = closing(await openLedger(join(folder, 'ledger.db')));
  await using memory = closing(await openMemory(join(folder, 'memory.db')));
  const sources = {
    ...{ prometheus: nothingMeasured, ledger: ledger.it, memory: memory.it },
    escalation: 'There is no escalation service here.',
  };
  for (const { runs } of sixtyDays(seed)) await ledger.it.record(runs.flatMap(factsOf));
  for (const date of dates) await memory.it.keep(await collectDay(sources, date, 'final'));
  for (const week of weeks) await memory.it.keep(await collectWeek(sources, week));
  return memory.it.findings(weeks.at(-1) as string);
}

const weeks = [...new Set(dates.map((date) => weekOf(beginOf(date))))];

function closing<T extends { close(): Promise<void> }>(it: T): AsyncDisposable & { readonly it: T } {
  return { it, [Symbol.asyncDispose]: () => it.close() };
}
