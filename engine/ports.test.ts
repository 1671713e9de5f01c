import { createServer } from 'node:net';
import getPort from 'get-port';
import { expect, test } from 'vitest';
import { native, portSettings } from '../place.ts';
import { needFreePorts } from './ports.ts';

test('P02 a taken port is named with its owner and the setting that moves it; free ones are not', async () => {
  const ports = new Map<string, number>();
  for (const setting of portSettings.keys()) ports.set(setting, await getPort({ exclude: [...ports.values()] }));
  const place = native({ home: '/nowhere', profile: 'laptop', portOf: (setting) => ports.get(setting) as number });
  await expect(needFreePorts(place, ['loki', 'tempo'])).resolves.toBeUndefined();

  const port = ports.get('FLEETSCOPE_LOKI_HTTP') as number;
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
  try {
    await expect(needFreePorts(place, ['loki', 'tempo'])).rejects.toThrow(
      new RegExp(
        `^Cannot start Loki: port ${port} is taken by pid ${process.pid} \\(.+\\)\\. Stop it, or move ours: FLEETSCOPE_LOKI_HTTP=${port + 1}\\.$`,
      ),
    );
  } finally {
    squatter.close();
  }
});
