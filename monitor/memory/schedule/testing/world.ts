/** A world with a clock of its own, in which processes of the memory run, die and come again. For tests. */

import { hash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryLedger } from '../../../testing/memory-ledger.ts';
import { agent, chat, zero } from '../../../testing/some-facts.ts';
import type { Sources } from '../../collect/collect.ts';
import { beginOf } from '../../periods.ts';
import type { MemoryStore } from '../../store/memory-store.ts';
import { openSqlite } from '../../store/sqlite/sqlite-memory.ts';
import { Clock } from '../clock.ts';
import { Leader } from '../leader.ts';
import { Rounds, type RoundsOptions } from '../rounds.ts';
import type { Disk } from '../write-file.ts';

const hourMs = 3_600_000;

export interface World {
  nowMs: number;
  /** Since when Prometheus measures. */
  sinceMs: number;
  /** Of who is asked; ours is `nowMs`. */
  theirClockMs?: number;
  isPrometheusAway: boolean;
  /** Hours that Prometheus was away in: it has nothing of them. */
  readonly gaps: Set<string>;
  /** Samples that come so late: until then a part is missing. */
  lateMs: number;
  readonly notices: string[];
  readonly ledger: MemoryLedger;
  escalation: Sources['escalation'];
}

export const first = '2026-11-16';

export function world(): World {
  return {
    ...{
      nowMs: beginOf(first),
      sinceMs: beginOf(first),
      isPrometheusAway: false,
      gaps: new Set(),
      lateMs: 0,
      notices: [],
    },
    ...{ ledger: new MemoryLedger(), escalation: 'There is no escalation service.' },
  };
}

/** For the database and the files; in memory, where the machine has such a place: here processes die, and never the power. */
export function someFolder(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fleetscope-rounds-'));
}

/** Tasks of an agent, some each day. */
export async function work(ledger: MemoryLedger, days: number): Promise<void> {
  const begin = (beginOf(first) - zero) / 1000;
  const facts = Array.from({ length: days * 5 }, (_, i) => {
    const from = begin + (i / 5) * 86_400 + (i % 5) * 3000;
    const of = { trace: `t${i}`, id: '01', from, to: from + 60 + i };
    return [
      agent('code', of),
      chat({ trace: `t${i}`, id: '02', parent: '01', from, to: from + 5, usd: 0.1 + i / 100 }),
    ];
  });
  await ledger.record(facts.flat());
}

/** Numbers by the question and the time it is about. */
function prometheusOf(world: World): Sources['prometheus'] {
  const answer = async (_: string, { body }: { body: URLSearchParams }) => {
    if (world.isPrometheusAway) throw new TypeError('fetch failed');
    const [query, time] = [body.get('query') as string, 1000 * Number(body.get('time'))];
    const theirs = world.theirClockMs ?? world.nowMs;
    const value = () => {
      if (query === 'vector(time())') return theirs / 1000;
      if (query.startsWith('min(min_over_time')) return world.sinceMs / 1000;
      const hours = Number(/count_over_time\(up\{job="prometheus"\}\[(\d+)h\]/.exec(query)?.[1] ?? 0);
      const isGap = world.gaps.has(new Date(time - hourMs).toISOString().slice(0, 13));
      if (hours > 0) return isGap && hours === 1 ? 0 : 240 * hours;
      if (isGap) return Number.NaN;
      const part = theirs < time + world.lateMs ? 0.5 : 1;
      return part * (1 + (Number.parseInt(hash('sha256', `${query} ${time}`).slice(0, 6), 16) % 1000));
    };
    const result = [{ metric: {}, value: [0, String(value())] }];
    const said = { status: 'success', data: { resultType: 'vector', result } };
    // No Response: of thousands, its streams are most of what a test takes.
    return { status: 200, json: async () => said, text: async () => JSON.stringify(said) };
  };
  return { url: 'http://prometheus.test', fetch: answer as unknown as typeof fetch };
}

/** What dies with the process: after so many writes, of the store or the disk, nothing it does has any effect. */
export interface Life {
  left: number;
}
const immortal: Life = { left: Number.POSITIVE_INFINITY };

function step(life: Life): void {
  if (life.left <= 0) throw new Error('killed');
  life.left -= 1;
}

const writes = new Set(['keep', 'lease', 'open', 'rename', 'rm', 'mkdir']);

function mortal<T extends object>(of: T, life: Life): T {
  return new Proxy(of, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (!writes.has(String(name))) return member.bind(target);
      return async (...args: unknown[]) => {
        step(life);
        const answer = await member.apply(target, args);
        // It may die between what it did and hearing of it.
        if (life.left <= 0 && name === 'open') await answer.close();
        step(life);
        return answer;
      };
    },
  });
}

export interface Process {
  readonly rounds: Rounds;
  readonly store: MemoryStore;
}

/** Another process on the same database and the same folder. */
export function start(world: World, folder: string, life: Life = immortal, more: Partial<RoundsOptions> = {}): Process {
  const store = mortal(openSqlite(join(folder, 'memory.db')), life);
  const prometheus = prometheusOf(world);
  const now = () => world.nowMs;
  const clock = new Clock(prometheus, now);
  const rounds = new Rounds({
    ...{ store, leader: new Leader({ store, now }), root: join(folder, 'root'), keptMs: 29 * 24 * hourMs },
    sources: { prometheus, ledger: world.ledger, memory: store, escalation: world.escalation },
    ...{ disk: mortal({ ...fs } as Disk, life), times: () => clock.read(), elapsedMs: now },
    notice: (line) => world.notices.push(line),
    ...more,
  });
  return { rounds, store };
}

/** Looks every half hour until then. */
export async function until(world: World, time: string, ...some: readonly Process[]): Promise<void> {
  for (; world.nowMs < Date.parse(time); world.nowMs += hourMs / 2) for (const { rounds } of some) await rounds.round();
  world.nowMs = Date.parse(time);
  for (const { rounds } of some) await rounds.round();
}

/** All that a reader of the store sees, as text. */
export async function rowsOf(store: MemoryStore, week: string): Promise<string> {
  const snapshots = [];
  for await (const one of store.snapshots({})) snapshots.push(one);
  const metrics = [await store.hours({}), await store.days({}), await store.anomalies({})];
  return JSON.stringify([snapshots, metrics, await store.decisions({}), await store.findings(week)]);
}

/** Each file with what is in it, of the day or week that is said, or of all. */
export function tree(folder: string): Record<string, string> {
  const root = join(folder, 'root');
  const paths = readdirSync(root, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
  return Object.fromEntries(paths.sort().map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]));
}
