/** Jaeger beside the others, with the real Collector and the real Jaeger. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { getJson, until } from '../../doctor/ask.ts';
import { acquireAll } from '../../engine/native.ts';
import { processes } from '../../engine/processes.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { Supervisor } from '../../engine/supervisor.ts';
import { cacheFolder } from '../../native/cache.ts';
import { native, url } from '../../place.ts';
import { openHome } from './command-line.ts';
import { NumberedSender } from './numbered.ts';
import { freePorts } from './stack.ts';

let stop = async () => {};
afterEach(() => stop());

async function start() {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-jaeger-'));
  const ports = await freePorts();
  const chosen = ['jaeger'] as const;
  const place = native({ home, profile: 'laptop', portOf: (setting) => ports.get(setting) as number, chosen });
  needSecrets(home);
  const quiet = () => undefined;
  const { collector, jaeger } = await acquireAll(
    { cache: cacheFolder(process.env), env: process.env, notice: quiet, progress: () => quiet, chosen },
    quiet,
  );
  const all = processes(place, { collector: collector as never, jaeger: jaeger as never }, home);
  const supervisor = new Supervisor({
    processes: all.map((one) => ({ ...one, needs: [] })),
    logs: join(home, 'logs'),
    onPhase: quiet,
  });
  stop = async () => {
    await supervisor.stop();
    rmSync(home, { recursive: true, force: true });
  };
  await supervisor.start();
  const sender = new NumberedSender(url(place, 'collector', 'http'));
  return { supervisor, sender, ...ask(url(place, 'jaeger', 'http')) };
}

/** What Jaeger answers to its own page. */
function ask(jaeger: string) {
  return {
    services: async () => ((await getJson(`${jaeger}/api/services`)) as { data: string[] | null }).data ?? [],
    spans: async (traceId: string) => {
      const { data } = (await getJson(`${jaeger}/api/traces/${traceId}`).catch(() => ({ data: [] }))) as {
        data: { spans: unknown[] }[];
      };
      return data.reduce((sum, { spans }) => sum + spans.length, 0);
    },
  };
}

test('P07 Jaeger is given every trace, also those of the time that it was away, and finds them on its disk after a restart', {
  timeout: 240_000,
}, async () => {
  const { supervisor, sender, services, spans } = await start();
  expect(await services()).toEqual([]);
  const found = (traceId: string) =>
    until(async () => (await spans(traceId)) === 100, { timeoutMs: 60_000, everyMs: 500 });
  await sender.send(0);
  expect(await found(sender.acknowledged.traceIds[0] as string)).toEqual({ found: true });
  expect(await services()).toEqual(['numbered']);
  await supervisor.stopOne('jaeger');
  await sender.send(100);
  await supervisor.startOne('jaeger');
  for (const traceId of sender.acknowledged.traceIds) expect(await found(traceId)).toEqual({ found: true });
  expect(sender.acknowledged.resent).toBe(0);
  expect(await spans('0123456789abcdef0123456789abcdef')).toBe(0);
});

test('P07 up --with jaeger runs it beside the others, and what has no native build is named with what to do instead', {
  timeout: 300_000,
}, async () => {
  const { run, env, processes, close } = await openHome();
  stop = close;
  const refused = await run('up', '--engine', 'native', '--with', 'elasticsearch', '--detach');
  expect(refused).toMatchObject({ exitCode: 2, all: expect.stringContaining('there is no native build of it') });
  expect(refused.all).toContain('FLEETSCOPE_ELASTICSEARCH_URL');
  expect(await processes()).toEqual([]);

  const up = await run('up', '--engine', 'native', '--with', 'jaeger', '--detach');
  expect(up, up.all).toMatchObject({ exitCode: 0 });
  const page = `http://127.0.0.1:${env.FLEETSCOPE_JAEGER_HTTP}`;
  expect(up.all).toMatch(new RegExp(`Jaeger +${page}`));
  // What the doctor sent through reached it as well.
  const { services } = ask(page);
  const told = async () => (await services()).includes('fleetscope-doctor');
  expect(await until(told, { timeoutMs: 60_000, everyMs: 500 })).toEqual({ found: true });
  const { components } = JSON.parse((await run('status', '--json')).stdout) as {
    components: { component: string; phase: string; address: string }[];
  };
  expect(components.find(({ component }) => component === 'jaeger')).toMatchObject({ phase: 'ready', address: page });
  // What runs takes no more stores: it says so, and runs on.
  const late = await run('up', '--engine', 'native', '--with', 'elasticsearch', '--detach');
  expect(late).toMatchObject({ exitCode: 1, all: expect.stringContaining('the stack runs already, without it') });
  expect(await run('down')).toMatchObject({ exitCode: 0 });
  expect(await processes()).toEqual([]);
});
