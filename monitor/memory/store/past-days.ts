import type { PastDay, Snapshot } from '../record.ts';
import type { Between, MemoryStore } from './memory-store.ts';

/**
 * What is looked at of many days, the oldest first: times and costs, which are nearly all of a day, are let go as soon as the day is read. What that
 * spares of a year of the largest fleet that days hold stands in docs/memory-findings.md.
 */
export async function pastDays(store: Pick<MemoryStore, 'snapshots'>, window: Between): Promise<PastDay[]> {
  const all: PastDay[] = [];
  for await (const snapshot of store.snapshots(window)) all.push(pastDay(snapshot));
  return all;
}

function pastDay({ date, state, ledger, rest, errors, decisions, agents, work }: Snapshot): PastDay {
  const ended = new Map<string, number>();
  for (const one of work) ended.set(one.agent_name, (ended.get(one.agent_name) ?? 0) + one.ended);
  return {
    ...{ date, state, ledger, rest, errors, decisions },
    agents: agents.map(({ agent_name, completed, failed }) => ({ agent_name, completed, failed })),
    work: [...ended].map(([agent_name, ended]) => ({ agent_name, ended })),
  };
}
