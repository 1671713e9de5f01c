import { setTimeout as wait } from 'node:timers/promises';
import { type Load, load, warmUp } from './load.ts';
import { type Server, startServer, type Usage } from './server.ts';
import type { ModuleSystem, Service, Variant } from './variants.ts';

/** One number per round, for each kind of number: ms, or MiB for `rssMib`. CPU is per request. */
export type Rounds = Record<string, number[]>;

/** What every measurement needs to know. */
export interface Subject {
  service: Service;
  modules: ModuleSystem;
  variants: readonly Variant[];
  endpoint: string;
  progress(text: string): void;
}

/** Starts each variant once per round. */
export async function measureStart(subject: Subject, rounds: number): Promise<Map<Variant, Rounds>> {
  const { service, modules, variants, endpoint, progress } = subject;
  const measured = new Map(variants.map((variant) => [variant, {} as Rounds]));
  for (let round = 0; round < rounds; round++) {
    progress(`${service} ${modules}: start-up, round ${round + 1} of ${rounds}`);
    for (const variant of inTurn(variants, round)) {
      const server = await startServer(variant, service, modules, endpoint);
      await server.stop();
      note(measured.get(variant), { startMs: server.startMs });
    }
  }
  return measured;
}

export interface LoadPlan {
  /** One after the other, on the same processes. */
  situations: { name: string; load: Load; rounds: number }[];
  /** Fresh processes, so that the luck of one does not decide. */
  generations: number;
  /** Requests before the first round. */
  warmUp: number;
  /** How long after the last answer of a round the process is still charged: what it has batched is sent then. */
  drainMs: number;
}

/** Loads the variants one after the other, round by round, while all of them stay up. By the situation's name. */
export async function measureLoad(subject: Subject, plan: LoadPlan): Promise<Map<string, Map<Variant, Rounds>>> {
  const measured = new Map(
    plan.situations.map(({ name }) => [name, new Map(subject.variants.map((variant) => [variant, {} as Rounds]))]),
  );
  for (let generation = 0; generation < plan.generations; generation++) {
    const { service, modules, variants, endpoint, progress } = subject;
    const servers = await Promise.all(variants.map((variant) => startServer(variant, service, modules, endpoint)));
    try {
      progress(`${service} ${modules}: warm-up, processes ${generation + 1} of ${plan.generations}`);
      for (const { url } of servers) await warmUp(url, service, plan.warmUp);
      for (const situation of plan.situations)
        await measureSituation(subject, situation, plan.drainMs, servers, measured.get(situation.name));
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  }
  return measured;
}

async function measureSituation(
  { service, modules, variants, progress }: Subject,
  { name, load: wanted, rounds }: LoadPlan['situations'][number],
  drainMs: number,
  servers: readonly Server[],
  measured: Map<Variant, Rounds> | undefined,
): Promise<void> {
  // A process is charged while the next one is loaded already; its own next round waits for that.
  const drained = new Map<Variant, Promise<void>>(variants.map((variant) => [variant, wait(drainMs)]));
  for (let round = 0; round < rounds; round++) {
    progress(`${service} ${modules}: ${name}, round ${round + 1} of ${rounds}`);
    for (const variant of inTurn(variants, round)) {
      await drained.get(variant);
      const server = servers[variants.indexOf(variant)] as Server;
      const before = await server.usage();
      const { requests, p99Ms } = await load(server.url, service, wanted);
      const charge = async () => {
        await wait(drainMs);
        const after = await server.usage();
        note(measured?.get(variant), { ...perRequest(before, after, requests), p99Ms, rssMib: after.rssMib });
      };
      drained.set(variant, charge());
    }
  }
  await Promise.all(drained.values());
}

function perRequest(before: Usage, after: Usage, requests: number) {
  return {
    cpuMs: (after.cpuMs - before.cpuMs) / requests,
    mainThreadMs: (after.mainThreadMs - before.mainThreadMs) / requests,
  };
}

function note(rounds: Rounds | undefined, numbers: Record<string, number>): void {
  if (rounds) for (const [name, number] of Object.entries(numbers)) rounds[name] = [...(rounds[name] ?? []), number];
}

/** Another one is first each round. */
function inTurn<T>(items: readonly T[], round: number): T[] {
  const first = round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
