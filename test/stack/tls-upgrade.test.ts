/** From plain text between parts to certificates and back, with telemetry on its way: docs/deploy.md's order loses nothing, the other one does. (P03, P06) */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getText, until } from '../../doctor/ask.ts';
import { asKnown } from '../../doctor/known.ts';
import type { Targets } from '../../doctor/targets.ts';
import { missing, NumberedSender, numbersInLoki, perRequest } from './numbered.ts';
import { startTlsServers, type TlsServers } from './tls-servers.ts';

let servers: TlsServers;
let sender: NumberedSender;
let next = 0;
const startedAtMs = Date.now();
const patience = { timeoutMs: 60_000, everyMs: 200 };

beforeAll(async () => {
  servers = await startTlsServers(['loki', 'collector'], { plain: true });
  sender = new NumberedSender(`http://127.0.0.1:${servers.port('collector', 'http')}`);
}, 180_000);

afterAll(() => servers?.stop());

/** A request of numbers that is acknowledged. @returns the first of them */
async function send(): Promise<number> {
  const first = next;
  next += perRequest;
  await sender.send(first);
  return first;
}

/** What is not in Loki, of all that was acknowledged. */
async function lost(loki = `http://127.0.0.1:${servers.port('loki', 'http')}`): Promise<number[]> {
  return missing(sender.acknowledged.logs, await numbersInLoki({ loki } as Targets, startedAtMs - 60_000));
}

/** How often the Collector has said that it will try Loki again. */
function retries(): number {
  return servers.log('collector').split('\n').filter(isRetry).length;
}

function isRetry(line: string): boolean {
  return line.includes('Will retry') && line.includes('otlp_http/loki');
}

/** A sender that asks for a certificate where none is shown gives nothing up. */
async function sendInVain(): Promise<void> {
  const before = retries();
  await send();
  expect(await until(async () => retries() > before, patience), 'it has tried').toEqual({ found: true });
}

test('P03 P06 to certificates senders first, back stores first: nothing acknowledged is lost', {
  timeout: 300_000,
}, async () => {
  await send();
  await servers.turn('collector', 'mutual');
  await sendInVain();
  await servers.turn('loki', 'mutual');
  await send();
  const way = await asKnown(servers.known(), servers.port('loki', 'http'));
  const all = async () => (await lost(`http://127.0.0.1:${way.port}`)).length === 0;
  expect(await until(all, patience).finally(() => way.close())).toEqual({ found: true });

  await servers.turn('loki', 'plain');
  await sendInVain();
  await servers.turn('collector', 'plain');
  await send();
  expect(await until(async () => (await lost()).length === 0, patience)).toEqual({ found: true });
  expect(sender.acknowledged.logs.size).toBe(5 * perRequest);
});

test('P03 P06 the count above can fail: a store that asks a plain Collector for a certificate answers 400, and what it was sent is gone', {
  timeout: 300_000,
}, async () => {
  const before = await lost();
  await servers.turn('loki', 'mutual');
  const first = await send();
  const metrics = `http://127.0.0.1:${servers.port('collector', 'metrics')}/metrics`;
  const given = new RegExp(`^otelcol_exporter_send_failed_log_records\\S*otlp_http/loki\\S* ${perRequest}$`, 'm');
  expect(await until(async () => given.test(await getText(metrics)), patience)).toEqual({ found: true });
  // What comes after it does arrive, so the way is open again.
  await servers.turn('collector', 'mutual');
  const last = await send();
  await servers.turn('loki', 'plain');
  await servers.turn('collector', 'plain');
  expect(await until(async () => !(await lost()).includes(last), patience)).toEqual({ found: true });
  expect((await lost()).filter((number) => !before.includes(number))).toHaveLength(perRequest);
  expect(await lost()).toContain(first);
});
