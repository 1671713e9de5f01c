import { createRequire } from 'node:module';
import { execa } from 'execa';
import type { Service } from './variants.ts';

export interface Load {
  connections: number;
  /** Requests in all. */
  amount: number;
  /** At most, over all connections. Without: as fast as the service answers. */
  perSecond?: number;
}

/** Requests that were answered, and how long the slowest hundredth took. */
export interface Answered {
  requests: number;
  p99Ms: number;
}

const autocannon = createRequire(import.meta.url).resolve('autocannon/autocannon.js');
const paths: Record<Service, string> = { realistic: '/customers/3/orders', bare: '/' };
const cheapPaths: Record<Service, string> = { realistic: '/customers/3', bare: '/' };

/** Loads the service from a process of its own. @throws Error when an answer is missing or not a success. */
export function load(url: string, service: Service, wanted: Load): Promise<Answered> {
  return run(url + paths[service], wanted);
}

/** The same on a path that does no work, until the compiler has settled on what surrounds it. */
export async function warmUp(url: string, service: Service, amount: number): Promise<void> {
  await run(url + cheapPaths[service], { connections: 10, amount });
  await run(url + paths[service], { connections: 10, amount: Math.max(10, amount / 100) });
}

async function run(url: string, { connections, amount, perSecond }: Load): Promise<Answered> {
  const rate = perSecond ? ['--overallRate', String(perSecond)] : [];
  const options = [
    '--json',
    '--no-progress',
    '--connections',
    String(connections),
    '--amount',
    String(amount),
    ...rate,
  ];
  const { stdout } = await execa(process.execPath, [autocannon, ...options, url]);
  const { latency, errors, non2xx, ...result } = JSON.parse(stdout) as {
    latency: { p99: number };
    errors: number;
    non2xx: number;
    '2xx': number;
  };
  if (errors + non2xx > 0 || result['2xx'] < amount)
    throw new Error(
      `Cannot measure ${url}: ${amount - result['2xx']} of ${amount} requests failed. Is the machine overloaded?`,
    );
  // Counted in whole ms, so below one it says 0.
  return { requests: result['2xx'], p99Ms: Math.max(1, latency.p99) };
}
