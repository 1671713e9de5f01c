/** What the sixty days are read from: a real Prometheus with their samples, and a real escalation service that was told their incidents. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { openDesk } from '../../alertmanager/escalation/http/desk.ts';
import { serverOf } from '../../alertmanager/escalation/http/server.ts';
import { group, policy, tokens, webhookHeaders } from '../../alertmanager/escalation/http/testing/service.ts';
import { decide } from '../../alertmanager/escalation/incident/decide.ts';
import { openStore } from '../../alertmanager/escalation/store/open.ts';
import { getText, until } from '../../doctor/ask.ts';
import type { Day } from '../../monitor/memory/testing/sixty-days.ts';
import type { PlantedIncident } from '../../monitor/memory/testing/sixty-days-plants.ts';
import { openMetrics } from '../../monitor/memory/testing/sixty-days-samples.ts';
import { freePort } from './free-port.ts';
import { programs } from './stack.ts';

/** Blocks of two months: text is read once for each. */
const longestBlock = '1458h';

export interface Served {
  readonly url: string;
  stop(): Promise<unknown>;
}

/** With samples of the past: its own clock is ahead of the one that the days are made by. */
export async function prometheusOf(days: readonly Day[], folder: string): Promise<Served> {
  const program = (await programs()).prometheus?.program as string;
  const [samples, data] = [join(folder, 'samples.txt'), join(folder, 'prometheus')];
  writeFileSync(samples, '');
  for (const text of openMetrics(days)) appendFileSync(samples, text);
  const blocks = ['tsdb', 'create-blocks-from', `--max-block-duration=${longestBlock}`, 'openmetrics', samples, data];
  await execa(join(dirname(program), 'promtool'), blocks);
  const settings = join(folder, 'prometheus.yml');
  writeFileSync(settings, 'global: {}\n');
  const port = await freePort();
  const running = execa(
    program,
    [
      ...[`--config.file=${settings}`, `--storage.tsdb.path=${data}`, '--storage.tsdb.retention.time=100y'],
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    // Tens of thousands of questions on little data: without it, a third of the time goes into collecting garbage.
    { reject: false, stdio: 'ignore', env: { GOGC: '800' } },
  );
  const url = `http://127.0.0.1:${port}`;
  const stop = () => {
    running.kill();
    return running;
  };
  const ready = () => getText(`${url}/-/ready`).then(() => true);
  if (!(await until(ready, { timeoutMs: 30_000, everyMs: 100 })).found) {
    await stop();
    throw new Error(`Cannot start Prometheus at ${url}: it is not ready within 30 s. Look at its data in ${data}.`);
  }
  return { url, stop };
}

export interface Escalation extends Served {
  token(): string;
  /** As Alertmanager does, at the moment that the incident says. */
  tell(incident: PlantedIncident, status: 'firing' | 'resolved'): Promise<void>;
}

/** Its decisions, its store and its API; people are told by nobody here. */
export async function escalationOf(file: string): Promise<Escalation> {
  let nowMs = 0;
  const now = () => nowMs;
  const store = await openStore(file, { notice: () => undefined });
  const desk = openDesk({
    ...{ store, now, onSaved: () => undefined },
    decide: (incident, event, at) => decide(policy, incident, event, at),
  });
  const app = serverOf({
    ...{ desk, store, tokens, now, signingKey: 'a-signing-key-of-the-test-0123456789', bind: '127.0.0.1', port: 0 },
    publicUrl: 'https://ops.example',
    policyInfo: () => ({ loadedAt: 0, source: 'policy.yml', people: [] }),
    dispatcherState: () => ({}),
    ...{ onRefused: () => undefined, onHeartbeat: () => undefined },
    onError: (error) => {
      throw error;
    },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    token: () => tokens.api,
    async tell({ alertname, severity, agent, from, to }, status) {
      nowMs = Date.parse(status === 'firing' ? from : (to as string));
      const alert = {
        ...{ status, startsAt: from, fingerprint: `${alertname}-${agent}-${from}` },
        ...(status === 'resolved' && { endsAt: to }),
        labels: { alertname, severity, team: 'fleet', agent_name: agent, service_name: 'fleet' },
      };
      const payload = group({ labels: { alertname }, alerts: [alert], receiver: `fleet-${severity}` });
      const answer = await fetch(`${url}/alerts`, {
        ...{ method: 'POST', headers: webhookHeaders, body: JSON.stringify(payload) },
      });
      if (!answer.ok) throw new Error(`Cannot tell ${alertname}: ${answer.status} ${await answer.text()}`);
    },
    async stop() {
      await app.close();
      await store.close();
    },
  };
}
