/** Slack, Discord, PagerDuty and a webhook at one address, of which each request fails by chance; what they took is written down. */
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Receiver, type Reply } from '../../alertmanager/escalation/channels/testing/receiver.ts';

/** A request that came to a receiver. */
export interface Asked {
  readonly channel: string;
  readonly incident: string;
  /** Of the delivery; undefined where the wire format has no place for it: PagerDuty's "resolve". */
  readonly key: string | undefined;
  /** It was answered with a success. */
  readonly taken: boolean;
  readonly at: number;
}

const keyPattern = /\b(\d{8}-\d{6}-[a-z0-9]{4,12})\/(\d+)\b/;
const successes: Record<string, Reply> = {
  slack: { body: 'ok' },
  discord: { body: { id: '1' } },
  pagerduty: { status: 202, body: { status: 'success' } },
  webhook: { status: 204 },
};

export class FailingReceivers implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly url: string;
  readonly #receiver: Receiver;

  /** @param share Of requests that fail, 0 to 1. @param random 0 to 1, the same in each run. */
  static async open(share: number, random: () => number): Promise<FailingReceivers> {
    return new FailingReceivers(await Receiver.open(), share, random);
  }

  private constructor(receiver: Receiver, share: number, random: () => number) {
    this.#receiver = receiver;
    this.url = receiver.url;
    receiver.behave = ({ path, text, body }, response) => {
      receiver.requests.length = 0;
      const channel = /^\/(\w+)/.exec(path)?.[1] as string;
      const [key, incident = body.dedup_key] = keyPattern.exec(text) ?? [];
      const taken = random() >= share;
      this.asked.push({ channel, incident, key, taken, at: Date.now() });
      return taken ? successes[channel] : fail(random(), response);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receiver[Symbol.asyncDispose]();
  }
}

/** As receivers fail: an error, too many, a broken wire, an answer that comes too late. */
function fail(chance: number, response: ServerResponse): Reply | 'itself' {
  if (chance < 0.5) return { status: chance < 0.4 ? 500 : 503, body: 'trouble' };
  if (chance < 0.75) return { status: 429, headers: { 'retry-after': chance < 0.505 ? '1' : '0' } };
  if (chance < 0.99) {
    response.destroy();
    return 'itself';
  }
  void delay(30_000, undefined, { ref: false }).then(() => response.destroy());
  return 'itself';
}
