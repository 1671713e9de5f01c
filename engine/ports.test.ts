import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import getPort from 'get-port';
import { expect, test } from 'vitest';
import { native, portSettings } from '../place.ts';
import { parts } from '../stack.ts';
import { needFreePorts } from './ports.ts';

/** Of our own, where the system has more than one: whoever runs these tests beside us takes no port of it and leaves none. */
const bind =
  process.platform === 'linux' ? `127.${randomInt(1, 255)}.${randomInt(255)}.${randomInt(1, 255)}` : '127.0.0.1';
const placeAt = (portOf: (setting: string) => number) => ({
  ...native({ home: '/nowhere', profile: 'laptop', portOf }),
  bind,
});

test('P02 a taken port is named with its owner and the setting that moves it; free ones are not', async () => {
  const ports = new Map<string, number>();
  for (const setting of portSettings.keys()) ports.set(setting, await getPort({ exclude: [...ports.values()] }));
  const place = placeAt((setting) => ports.get(setting) as number);
  await expect(needFreePorts(place, ['loki', 'tempo'])).resolves.toBeUndefined();

  const [loki, tempo] = ['FLEETSCOPE_LOKI_HTTP', 'FLEETSCOPE_TEMPO_HTTP'].map((name) => ports.get(name) as number);
  await taking([loki], async () => {
    await expect(needFreePorts(place, ['loki', 'tempo'])).rejects.toThrow(
      new RegExp(
        `^Cannot start Loki: port ${loki} is taken by pid ${process.pid} \\(.+\\)\\. Stop it, or move ours: FLEETSCOPE_LOKI_HTTP=\\d+\\.$`,
      ),
    );
  });
  await taking([loki, tempo], async () => {
    await expect(needFreePorts(place, ['loki', 'tempo'])).rejects.toThrow(
      /\nAll moved at once, before the same command: FLEETSCOPE_LOKI_HTTP=\d+ FLEETSCOPE_TEMPO_HTTP=\d+$/,
    );
  });
});

test('P02 beside a stack with the ports of stack.ts another is told ports that are free, each another, and no other part is at', async () => {
  const place = placeAt((name) => defaultOf(name) + 11_000);
  const ours = [...portSettings.keys()].map((name) => defaultOf(name) + 11_000);
  const components = ['collector', 'tempo', 'loki', 'escalation', 'monitor', 'memory'] as const;
  const wanted = components.flatMap((component) =>
    Object.keys(parts[component].ports).map((name) => place.port(component, name as never)),
  );
  // One more, which a stranger holds: what follows the Collector's last port.
  const foreign = place.port('collector', 'health') + 1;
  await taking([...wanted, foreign], async () => {
    const said = await needFreePorts(place, components).then(
      () => '',
      (error) => (error as Error).message,
    );
    const line = said.split('\n').at(-1) as string;
    const moved = [...line.matchAll(/=(\d+)/g)].map(([, port]) => Number(port));
    expect(moved).toHaveLength(wanted.length);
    expect(new Set(moved).size).toBe(moved.length);
    expect(moved.filter((port) => ours.includes(port) || port === foreign)).toEqual([]);
  });
});

test('P02 instead of the last port there is, one is told that there is and that needs no rights', async () => {
  const last = 65_535;
  const place = placeAt((name) => (name === 'FLEETSCOPE_LOKI_HTTP' ? last : defaultOf(name)));
  await taking([last], async () => {
    const said = await needFreePorts(place, ['loki']).catch((error) => (error as Error).message);
    const told = Number(/move ours: FLEETSCOPE_LOKI_HTTP=(\d+)/.exec(String(said))?.[1]);
    expect(told, said as string).toBeGreaterThanOrEqual(1_024);
    expect(told).toBeLessThan(last);
  });
});

const defaultOf = (name: string) => portSettings.get(name)?.default as number;

/** While others listen there: we, or who does already. */
async function taking(ports: readonly (number | undefined)[], work: () => Promise<void>): Promise<void> {
  const servers = await Promise.all(
    ports.map(async (port) => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) =>
          error.code === 'EADDRINUSE' ? resolve() : reject(error),
        );
        server.listen(port, bind, resolve);
      });
      return server;
    }),
  );
  try {
    await work();
  } finally {
    for (const server of servers) server.close();
  }
}
