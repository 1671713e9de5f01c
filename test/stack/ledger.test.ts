/** From the Collector to the run ledger, with the real binary; the stores are away, and their queues hold. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { postJson, until } from '../../doctor/ask.ts';
import { readPipeline } from '../../doctor/pipeline.ts';
import { targetsOf } from '../../doctor/targets.ts';
import { type Process, processes } from '../../engine/processes.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { Supervisor } from '../../engine/supervisor.ts';
import { ledgerOf } from '../../monitor/ingest/settings.ts';
import { openLedger } from '../../monitor/store/open.ts';
import { native, url } from '../../place.ts';
import { aRun } from './ledger-run.ts';
import { bend, freePorts, programs } from './stack.ts';

let stop = async () => {};
afterEach(() => stop());

async function start(change: (all: Process[]) => Process[] = (all) => all) {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-ledger-'));
  const ports = await freePorts();
  const place = native({ home, profile: 'laptop', portOf: (setting) => ports.get(setting) as number });
  needSecrets(home);
  const { collector, monitor } = await programs();
  const all = change(processes(place, { collector: collector as never, monitor: monitor as never }, home));
  const env = { FLEETSCOPE_CONTENT: 'keep' };
  const supervisor = new Supervisor({
    processes: all.map((one) => ({ ...one, needs: [], env: { ...one.env, ...env } })),
    logs: join(home, 'logs'),
    onPhase: () => undefined,
  });
  stop = async () => {
    await supervisor.stop();
    rmSync(home, { recursive: true, force: true });
  };
  await supervisor.start();
  const to = `${url(place, 'collector', 'http')}/v1/traces`;
  const send = (session: string) => postJson(to, aRun(session));
  const file = ledgerOf({}, place.data('monitor'));
  const sessions = async () => {
    const ledger = await openLedger(file);
    const runs = await ledger.orchestrations({ limit: 1000 });
    await ledger.close();
    return runs.map(({ session_id }) => session_id).sort();
  };
  const arrive = (...expected: string[]) =>
    until(async () => JSON.stringify(await sessions()) === JSON.stringify(expected), {
      timeoutMs: 60_000,
      everyMs: 200,
    });
  return { supervisor, send, sessions, arrive, file, pipeline: () => readPipeline(targetsOf(place)) };
}

test('R03 a run that the Collector was sent is in the ledger, once, without a word of its content', {
  timeout: 120_000,
}, async () => {
  const { supervisor, send, arrive, file } = await start();
  await send('a');
  expect(await arrive('a')).toEqual({ found: true });
  await supervisor.stopOne('monitor');
  await send('b');
  await supervisor.startOne('monitor');
  expect(await arrive('a', 'b')).toEqual({ found: true });
  const ledger = await openLedger(file);
  const [run] = await ledger.orchestrations({ limit: 1 });
  const steps = await ledger.steps(run?.id as string);
  expect(steps.map(({ kind, name }) => [kind, name])).toEqual([['model', 'm']]);
  const exported: unknown[] = [];
  for await (const one of ledger.export()) exported.push(one);
  expect(JSON.stringify(exported)).not.toContain('the prompt');
  await ledger.close();
});

test('R03 a ledger that is away and whose queue is full makes nobody else wait, and nobody send again', {
  timeout: 120_000,
}, async () => {
  const full = (text: string) =>
    text
      .replace(/( {2}otlp_http\/monitor:\n(?: {4}.*\n)*? {6}queue_size: )\d+/, '$12000')
      .replace('min_size: 262144', 'min_size: 1000')
      .replace('max_size: 4194304', 'max_size: 2000');
  const { supervisor, send, pipeline } = await start((all) => bend(all, 'collector', full));
  await supervisor.stopOne('monitor');
  // Each is answered with 200, or this throws.
  for (let at = 0; at < 30; at++) await send(`run-${at}`);
  const lost = await until(async () => ((await pipeline()).exporters['otlp_http/monitor']?.failed ?? 0) > 0, {
    timeoutMs: 20_000,
    everyMs: 200,
  });
  expect(lost).toEqual({ found: true });
  const { exporters, refused } = await pipeline();
  expect([refused, exporters['otlp_grpc/tempo']?.failed]).toEqual([0, 0]);
  expect(exporters['otlp_grpc/tempo']?.queued).toBeGreaterThan(exporters['otlp_http/monitor']?.queued as number);
});
