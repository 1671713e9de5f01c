/** What the conformance suite is given, and what it tells it. */
import type { Fact } from '../../ledger/fact.ts';
import { agentEnded, agentStarted, runEnded, runStarted } from '../../testing/some-facts.ts';
import type { Ledger } from '../store.ts';

/** An empty database. Its clock stands at second 3600. */
export interface Database {
  /** Another connection to it, as another process has one. */
  open(): Promise<Ledger>;
  remove(): Promise<void>;
}

/** A run of one agent, told by its caller. */
export function shortRun(name: string, from: number, { agentName = 'code', took = 10, failed = '' } = {}): Fact[] {
  const status = failed ? 'failed' : 'completed';
  return [
    runStarted(name, from),
    agentStarted(name, `${name}-a`, from, { agent_name: agentName }),
    agentEnded(`${name}-a`, from + took, { status, ...(failed && { error_message: failed }) }),
    runEnded(name, from + took, { status }),
  ];
}

export async function listOf<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const row of rows) list.push(row);
  return list;
}
