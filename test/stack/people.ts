/** Those who are told in a test: real servers in the place of Slack, Discord, PagerDuty and a mail server, which write down what came when. */
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { Receiver } from '../../alertmanager/escalation/channels/testing/receiver.ts';

export type Way = 'slack' | 'discord' | 'email' | 'pagerduty';

export interface Told {
  way: Way;
  /** Milliseconds since the epoch. */
  at: number;
  what: 'alert' | 'acknowledged' | 'resolved' | 'update';
  /** All of it, as it was sent. */
  text: string;
}

export class People implements AsyncDisposable {
  readonly told: Told[] = [];
  /** What the service has to be given. */
  env: Record<string, string> = {};
  #pagerDuty = '';
  #closers: (() => Promise<void>)[] = [];

  static async open(): Promise<People> {
    const people = new People();
    const slack = await people.#receiver('slack', () => ({ body: 'ok' }));
    const discord = await people.#receiver('discord', () => ({ body: { id: String(people.told.length) } }));
    const pagerDuty = await people.#receiver('pagerduty', () => ({ status: 202, body: { status: 'success' } }));
    people.#pagerDuty = pagerDuty.url;
    people.env = {
      FLEETSCOPE_SLACK_WEBHOOK_URL: `${slack.url}/services/T0/B0/a-long-secret-token-of-slack`,
      FLEETSCOPE_DISCORD_WEBHOOK_URL: `${discord.url}/api/webhooks/1/a-long-secret-token-of-discord`,
      FLEETSCOPE_PAGERDUTY_ROUTING_KEY: 'a-routing-key-of-32-characters-x',
      FLEETSCOPE_SMTP_URL: await people.#mailServer(),
      FLEETSCOPE_ONCALL_EMAIL: 'on-call@example.com',
    };
    return people;
  }

  /** PagerDuty's address is no secret: a policy names it. */
  get pagerDuty(): string {
    return this.#pagerDuty;
  }

  of(way: Way, about: string): Told[] {
    return this.told.filter((told) => told.way === way && told.text.includes(about));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#closers.map((close) => close()));
  }

  async #receiver(way: Way, reply: () => { status?: number; body: unknown }): Promise<Receiver> {
    const receiver = await Receiver.open(({ method, text: sent, body }) => {
      const action = (body as { event_action?: string }).event_action;
      const what = action
        ? ({ trigger: 'alert', acknowledge: 'acknowledged', resolve: 'resolved' } as const)[action]
        : kindOf(sent);
      this.told.push({ way, at: Date.now(), what: what ?? 'update', text: `${method} ${sent}` });
      return reply();
    });
    this.#closers.push(() => receiver[Symbol.asyncDispose]());
    return receiver;
  }

  async #mailServer(): Promise<string> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, _session, done) => {
        void text(stream).then((sent) => {
          const plain = sent.replace(/=\r\n/g, '');
          this.told.push({ way: 'email', at: Date.now(), what: kindOf(plain), text: plain });
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#closers.push(() => new Promise<void>((resolve) => server.close(resolve)));
    return `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  }
}

/** From the title or the subject that every message begins with. */
function kindOf(sent: string): Told['what'] {
  if (/✅ Resolved: |^Subject: \[resolved\]/m.test(sent)) return 'resolved';
  if (/👀 Acknowledged: |^Subject: \[acknowledged\]/m.test(sent)) return 'acknowledged';
  return /"(?:🔴|🟠|🟡|🔵) \w+, update: /u.test(sent) ? 'update' : 'alert';
}
