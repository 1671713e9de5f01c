/** 10 000 alerts in 60 s, every channel fails at random, the service dies ten times. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { headsOf } from '../../alertmanager/escalation/audit/log-files.ts';
import { verify } from '../../alertmanager/escalation/audit/verify.ts';
import { openStore } from '../../alertmanager/escalation/store/open.ts';
import type { AuditRecord } from '../../alertmanager/escalation/store/store.ts';
import { ServiceProcess } from '../../bench/escalation-process.ts';
import { type Group, post } from '../../bench/escalation-sender.ts';
import { until } from '../../doctor/ask.ts';
import { mulberry32 } from '../../monitor/analysis/mulberry32.ts';
import { judge } from './escalation-judge.ts';
import { FailingReceivers } from './escalation-receivers.ts';
import { allIncidents, loggedRecords, settled, stormGroups, stormPolicy, stormSteps } from './escalation-storm.ts';

const alerts = 10_000;
const perGroup = 5;
const stormMs = 60_000;
const kills = 10;
const failingShare = 0.3;
/** A part of them is over before the last step is due, while everything fails. */
const briefMs = 3000;

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

test('X05 10 000 alerts in a minute, 30 % of all requests fail, ten kills: nothing is lost, skipped or told to nobody', {
  timeout: 1_200_000,
}, async () => {
  const receivers = await FailingReceivers.open(failingShare, mulberry32(20_261_126));
  opened.push(receivers);
  const { policy, env } = stormPolicy(receivers.url);
  const service = await ServiceProcess.open(policy, { env });
  opened.push(service);
  const groups = stormGroups(alerts / perGroup, perGroup);

  const startedAt = Date.now();
  let [taken, resent] = [0, 0];
  const tell = async (group: Group, status: 'firing' | 'resolved') => {
    resent += (await post(service, group, status)) - 1;
  };
  const killed = killAgainAndAgain(service, () => taken / groups.length);
  const sent = groups.map(async (group, index) => {
    await delay((index * stormMs) / groups.length);
    await tell(group, 'firing');
    taken++;
    if (group.lasting) return;
    await delay(briefMs);
    await tell(group, 'resolved');
  });
  await Promise.all([killed, ...sent]);
  const sentMs = Date.now() - startedAt;
  const quiet = { timeoutMs: 420_000, everyMs: 3000 };
  expect(await until(() => settled(service), quiet), 'every step is taken').toEqual({ found: true });
  const lasting = groups.filter((group) => group.lasting);
  for (let from = 0; from < lasting.length; from += 50)
    await Promise.all(lasting.slice(from, from + 50).map((group) => tell(group, 'resolved')));
  expect(await until(() => settled(service), quiet), 'everything is told').toEqual({ found: true });
  const { open } = await service.get<{ open: Record<string, number> }>('/api/status');
  expect(open).toEqual({ critical: 0, high: 0, warning: 0, info: 0 });
  await service.end('SIGTERM');

  const store = await openStore(`sqlite:${service.store}`, { notice: (line) => expect.unreachable(line) });
  opened.push({ [Symbol.asyncDispose]: () => store.close() });
  const trail: AuditRecord[] = [];
  for await (const record of store.audit()) trail.push(record);
  const incidents = await allIncidents(store);
  const judgement = judge({ groups, steps: stormSteps, incidents, trail, asked: receivers.asked });
  const { faults, deliveries, givenUp, success, duplicates, overBeforeTold } = judgement;
  const failed = receivers.asked.filter(({ taken }) => !taken).length;
  console.log(
    `${alerts} alerts in ${groups.length} groups within ${Math.round(sentMs / 1000)} s, ${resent} webhooks sent again, ${kills} kills; ` +
      `${receivers.asked.length} requests to the channels, ${failed} failed; ${deliveries} deliveries, ${givenUp} given up, ` +
      `success ${(100 * success).toFixed(3)} %; ${duplicates} duplicates, ${overBeforeTold} over before anybody was told; ` +
      `${trail.length} audit records; all done after ${Math.round((Date.now() - startedAt) / 1000)} s.\n` +
      [...new Set(service.notices.filter((line) => /^Cannot|lags|broken|damaged/.test(line)))].slice(0, 20).join('\n'),
  );
  expect(faults.slice(0, 20), `${faults.length} faults`).toEqual([]);
  expect(incidents).toHaveLength(groups.length);
  expect(success).toBeGreaterThanOrEqual(0.999);
  expect(failed / receivers.asked.length, 'requests that failed').toBeGreaterThan(0.25);
  expect(resent, 'webhooks that a dead service did not answer').toBeGreaterThan(0);

  expect(await verify(trail, await headsOf(service.logs))).toMatchObject({ ok: true, entries: trail.length });
  expect(await loggedRecords(service.logs)).toEqual(trail.map(({ number, hash }) => `${number} ${hash}`));
});

/** Spread over the storm, however long it takes; each one hits a service that takes alerts. `share`: of the storm that is over. */
async function killAgainAndAgain(service: ServiceProcess, share: () => number): Promise<void> {
  for (let kill = 1; kill <= kills; kill++) {
    while (share() < kill / (kills + 1)) await delay(20);
    await service.end('SIGKILL');
    await service.start();
  }
}
