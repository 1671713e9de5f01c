import { randomBytes } from 'node:crypto';
import { getJson, getText, postJson, until } from './ask.ts';
import type { Targets } from './targets.ts';

/**
 * Posts a test alert that tells nobody, finds it, and ends it when `run` is done: one that ends before Alertmanager has passed
 * it on is never passed on. @throws Error that says which step failed.
 */
export async function whileTestAlertFires(
  { alertmanager, replicas }: Targets,
  timeoutMs: number,
  run: () => Promise<void>,
): Promise<void> {
  const id = randomBytes(8).toString('hex');
  const alert = {
    labels: { alertname: 'DoctorTestAlert', severity: 'none', doctor: id },
    annotations: { summary: "The doctor's test alert; it goes to nobody and ends by itself." },
  };
  const now = Date.now();
  // To each of them, as Prometheus does: they agree among themselves who tells.
  const post = async (endsAt: number) => {
    const body = [{ ...alert, endsAt: new Date(endsAt).toISOString() }];
    await Promise.all((replicas?.alertmanager ?? [alertmanager]).map((one) => postJson(`${one}/api/v2/alerts`, body)));
  };
  await post(now + 60_000);
  const query = new URLSearchParams({ filter: `doctor="${id}"`, receiver: 'doctor' });
  const seen = await until(
    async () => ((await getJson(`${alertmanager}/api/v2/alerts?${query}`)) as unknown[]).length > 0,
    { timeoutMs, everyMs: 100 },
  );
  try {
    if (!seen.found)
      throw seen.lastError ?? new Error('the alert was accepted but did not reach the route for severity="none"');
    await run();
  } finally {
    await post(Date.now());
  }
}

/** How many messages of Alertmanager its receivers have taken so far; every receiver is the escalation service. */
export async function messagesTaken({ alertmanager, replicas }: Targets): Promise<number> {
  const all = replicas?.alertmanager ?? [alertmanager];
  const text = (await Promise.all(all.map((one) => getText(`${one}/metrics`)))).join('\n');
  const sum = (metric: string) =>
    [...text.matchAll(new RegExp(`^alertmanager_${metric}\\{.*integration="webhook".*\\} (\\S+)$`, 'gm'))]
      .map(([, value]) => Number(value))
      .reduce((a, b) => a + b, 0);
  return sum('notification_requests_total') - sum('notification_requests_failed_total');
}

/** True when Prometheus says that it sends its alerts to an Alertmanager that answers. */
export async function prometheusSendsAlerts({ prometheus }: Targets): Promise<boolean> {
  const answer = (await getJson(`${prometheus}/api/v1/alertmanagers`)) as { data: { activeAlertmanagers: unknown[] } };
  return answer.data.activeAlertmanagers.length > 0;
}
