/** Jaeger beside the others, with the real Collector and the real Jaeger. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { afterEach, expect, test } from 'vitest';
import { jaeger } from '../../choices/jaeger.ts';
import { toJaeger } from '../../collector/copies.ts';
import { getJson, until } from '../../doctor/ask.ts';
import { type Process, processes } from '../../engine/processes.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { Supervisor } from '../../engine/supervisor.ts';
import { needTool, type Tool } from '../../native/tool.ts';
import { native, type Place, url } from '../../place.ts';
import { parts } from '../../stack.ts';
import { yaml } from '../../twin.ts';
import { NumberedSender } from './numbered.ts';
import { freePorts, programs } from './stack.ts';

const tool: Tool = {
  name: 'jaeger',
  programs: { jaeger: `${parts.jaeger.native.module}/cmd/jaeger` },
  remedy: 'Install a Go as new as its go.mod asks for (https://go.dev/dl).',
};

let stop = async () => {};
afterEach(() => stop());

async function start() {
  const program = join(await needTool(tool, (line) => process.stderr.write(`${line}\n`)), 'jaeger');
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-jaeger-'));
  const ports = await freePorts();
  const own: Record<string, number> = {};
  for (const name of Object.keys(parts.jaeger.ports))
    own[name] = await getPort({ host: '127.0.0.1', exclude: [...ports.values(), ...Object.values(own)] });
  const here = native({ home, profile: 'laptop', portOf: (setting) => ports.get(setting) as number });
  const place: Place = {
    ...here,
    port: (part, port) => (part === 'jaeger' ? (own[port] as number) : here.port(part, port)),
  };
  needSecrets(home);
  mkdirSync(place.data('jaeger'), { recursive: true });
  writeFileSync(join(home, 'jaeger.yaml'), yaml(jaeger(place)));
  writeFileSync(join(home, 'copy.yaml'), yaml(toJaeger(place)));
  const { collector } = await programs();
  const [one] = processes(place, { collector: collector as never }, home) as [Process];
  // The supervisor knows components alone: to it, this is the one that traces go to.
  const all: Process[] = [
    { ...one, needs: [], args: [...one.args, `--config=${join(home, 'copy.yaml')}`] },
    {
      ...one,
      component: 'tempo',
      program,
      args: [`--config=${join(home, 'jaeger.yaml')}`],
      ...{ env: {}, files: {}, folders: [], needs: [] },
      readyUrl: `${url(place, 'jaeger', 'health')}${parts.jaeger.ready.path}`,
    },
  ];
  const supervisor = new Supervisor({ processes: all, logs: join(home, 'logs'), onPhase: () => undefined });
  stop = async () => {
    await supervisor.stop();
    rmSync(home, { recursive: true, force: true });
  };
  await supervisor.start();
  const sender = new NumberedSender(url(place, 'collector', 'http'));
  const asked = `${url(place, 'jaeger', 'http')}/api`;
  return {
    supervisor,
    sender,
    services: async () => ((await getJson(`${asked}/services`)) as { data: string[] | null }).data ?? [],
    spans: async (traceId: string) => {
      const { data } = (await getJson(`${asked}/traces/${traceId}`).catch(() => ({ data: [] }))) as {
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
  await supervisor.stopOne('tempo');
  await sender.send(100);
  await supervisor.startOne('tempo');
  for (const traceId of sender.acknowledged.traceIds) expect(await found(traceId)).toEqual({ found: true });
  expect(sender.acknowledged.resent).toBe(0);
  expect(await spans('0123456789abcdef0123456789abcdef')).toBe(0);
});
