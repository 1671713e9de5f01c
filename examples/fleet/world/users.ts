import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../model-server/random.ts';
import { sentAs, type TrafficFault } from './traffic.ts';

export interface UsersOptions {
  /** The fleet's front door. */
  url: string;
  seed: number;
  tokenSecret: string;
  perMinute: number;
  /** How many in all; undefined: until the signal. */
  most: number | undefined;
  speed: number;
  /** Which troubles are on now. */
  faults(): readonly TrafficFault[];
  signal: AbortSignal;
}

export interface Users {
  /** How many they sent, and how many of those were refused. */
  readonly sent: { requests: number; commands: number; refused: number };
  /** Resolves when they have sent what they want. @throws Error when the fleet does not answer. */
  readonly done: Promise<void>;
  /** They wait for no more answers. */
  leave(): void;
}

const jitter = 0.3;
const askAgainMs = { usual: 3_000, least: 50 };

/** People and machines who send requests, wait for the answers to their commands, and say what they think of them. */
export function openUsers(options: UsersOptions): Users {
  const { url, seed, tokenSecret, perMinute, speed, most = Number.POSITIVE_INFINITY, signal } = options;
  const sent = { requests: 0, commands: 0, refused: 0 };
  const left = new AbortController();

  const post = (path: string, body: object, token?: string) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });

  /** Asks until there is an answer, and judges it. */
  async function follow(number: number): Promise<void> {
    const random = new Random(seed ^ 0xfeed, number);
    for (;;) {
      await delay(Math.max(askAgainMs.least, askAgainMs.usual / speed), undefined, { signal: left.signal, ref: false });
      const response = await fetch(`${url}/requests/${number}`);
      const { phase } = (await response.json()) as { phase?: string };
      if (phase === 'done') {
        const score = Math.round(100 * Math.min(1, 0.7 + 0.35 * random.next())) / 100;
        await post(`/requests/${number}/feedback`, { score }).then((answer) => answer.arrayBuffer());
      }
      if (!response.ok || (phase !== 'waiting' && phase !== 'at work')) return;
    }
  }

  async function send(number: number): Promise<void> {
    const one = sentAs(number, seed, tokenSecret, options.faults());
    const response = await post(one.path, one.body, 'token' in one ? one.token : undefined);
    await response.arrayBuffer();
    sent[one.path === '/requests' ? 'requests' : 'commands'] += 1;
    if (!response.ok) sent.refused += 1;
    // Who gets no answer any more because the fleet has ended does not mind.
    else if (one.path === '/commands') void follow(number).catch(() => undefined);
  }

  async function sendAll(): Promise<void> {
    const random = new Random(seed ^ 0xbeef);
    let dueAt = performance.now();
    for (let number = 1; number <= most && !signal.aborted; number += 1) {
      await send(number);
      // From when it was due, and not from now: what is late is caught up with.
      dueAt += (60_000 / perMinute) * (1 + jitter * (2 * random.next() - 1));
      const waitMs = dueAt - performance.now();
      if (waitMs > 0 && number < most) await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  return { sent, done: sendAll(), leave: () => left.abort() };
}
