/** The sixty days lived through: each day its work, its incidents, and the rounds of the memory by a clock that is passed in. */
import { join } from 'node:path';
import { beginOf } from '../../monitor/memory/periods.ts';
import { Clock } from '../../monitor/memory/schedule/clock.ts';
import { Leader } from '../../monitor/memory/schedule/leader.ts';
import { Rounds } from '../../monitor/memory/schedule/rounds.ts';
import type { MemoryStore } from '../../monitor/memory/store/memory-store.ts';
import { openMemory } from '../../monitor/memory/store/open.ts';
import { type Day, dates } from '../../monitor/memory/testing/sixty-days.ts';
import { factsOf } from '../../monitor/memory/testing/sixty-days-facts.ts';
import { incidents } from '../../monitor/memory/testing/sixty-days-plants.ts';
import { openLedger } from '../../monitor/store/open.ts';
import type { Ledger } from '../../monitor/store/store.ts';
import { retentionDays } from '../../stack.ts';
import { escalationOf, prometheusOf } from './sixty-days-servers.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** As the service of a team asks for: its Prometheus keeps a month. */
const keptMs = (retentionDays.metrics - 1) * dayMs;
/** So long after each hour the service looks. */
const lookMs = 10 * 60_000;
/** Hours from look to look: what is due by then is made all the same, and documents are written that much less often. */
const lookEvery = 3;

export interface SixtyDaysWorld {
  readonly memory: MemoryStore;
  readonly ledger: Ledger;
  /** That files are in. */
  readonly root: string;
  readonly notices: readonly string[];
  /** What was made, in its order: `day 2026-01-01`. */
  readonly made: readonly string[];
  stop(): Promise<void>;
}

/** @param days all of them, in order. @param folder an empty one: databases, files below `root` */
export async function liveSixtyDays(days: readonly Day[], folder: string): Promise<SixtyDaysWorld> {
  const [prometheus, escalation] = await Promise.all([
    prometheusOf(days, folder),
    escalationOf(join(folder, 'escalation.db')),
  ]);
  const ledger = await openLedger(join(folder, 'ledger.db'));
  const memory = await openMemory(join(folder, 'memory.db'));
  const stop = async () => {
    await Promise.all([ledger.close(), memory.close(), prometheus.stop(), escalation.stop()]);
  };
  let nowMs = beginOf(dates[0] as string);
  const now = () => nowMs;
  const [notices, made]: [string[], string[]] = [[], []];
  const clock = new Clock(prometheus, now);
  const root = join(folder, 'root');
  const { url, token } = escalation;
  const rounds = new Rounds({
    ...{ store: memory, leader: new Leader({ store: memory, now }), root, keptMs, elapsedMs: now },
    ...{ times: () => clock.read(), sources: { prometheus, ledger, memory, escalation: { url, token } } },
    notice: (line) => notices.push(line),
    onMade: (job, period) => made.push(`${job} ${period}`),
  });
  const told = incidents
    .flatMap((one) => [
      { at: one.from, tell: () => escalation.tell(one, 'firing') },
      ...(one.to === undefined ? [] : [{ at: one.to, tell: () => escalation.tell(one, 'resolved') }]),
    ])
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  try {
    for (const { date, runs } of days) {
      await ledger.record(runs.flatMap(factsOf));
      for (let hour = lookEvery; hour <= 24; hour += lookEvery) {
        nowMs = beginOf(date) + hour * hourMs + lookMs;
        while (told[0] && Date.parse(told[0].at) <= nowMs) await told.shift()?.tell();
        await rounds.round();
      }
    }
    // The last day is closed on the morning after it.
    for (let hour = 1; hour <= 6; hour++) {
      nowMs = beginOf(dates.at(-1) as string) + dayMs + hour * hourMs + (hour === 6 ? 0 : lookMs);
      await rounds.round();
    }
    await rounds.close();
  } catch (error) {
    await stop();
    throw error;
  }
  return { memory, ledger, root, notices, made, stop };
}
