import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { native } from '../place.ts';
import { performBackup } from './command-line.ts';
import type { Ran, Restic } from './restic.ts';

interface Told {
  readonly outcome: string | undefined;
  readonly at: number;
}

let root: string;
let server: Server;
let answer: number;
let told: Told[][];
const began = Date.UTC(2026, 10, 26);

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: began });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(console, 'log').mockReturnValue();
  root = mkdtempSync(join(tmpdir(), 'fleetscope-command-line-'));
  mkdirSync(join(root, 'data'));
  writeFileSync(join(root, 'data', 'silences'), 'silence');
  answer = 200;
  told = [];
  server = createServer(async (request, response) => {
    told.push(pointsOf(JSON.parse(await text(request)) as Body));
    response.writeHead(answer).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  server.close();
  rmSync(root, { recursive: true });
});

interface Body {
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ gauge: { dataPoints: Point[] } }] }] }];
}

interface Point {
  asDouble: number;
  attributes: { key: string; value: { stringValue: string } }[];
}

function pointsOf({ resourceMetrics: [{ scopeMetrics }] }: Body): Told[] {
  return scopeMetrics[0].metrics[0].gauge.dataPoints.map(({ asDouble, attributes }) => ({
    outcome: attributes.find(({ key }) => key === 'outcome')?.value.stringValue,
    at: asDouble * 1000,
  }));
}

/** `npm run backup` where Alertmanager alone has data, so many times. `during`: while restic runs that command. */
function backup(during: (command: string) => void, signal?: AbortSignal, times = 1): Promise<boolean> {
  const { port } = server.address() as AddressInfo;
  const place = native({ home: root, profile: 'laptop', portOf: () => port });
  const settings = { repository: root, passwordFile: root, name: 'fleetscope', scratch: root };
  let staged: string | undefined;
  const restic: Restic = {
    settings,
    async run(_, args, { onLine } = {}): Promise<Ran> {
      during(args[0] as string);
      if (args.includes('--files-from-raw'))
        [staged] = readFileSync(args.at(args.indexOf('--files-from-raw') + 1) as string, 'utf8').split('\0');
      const path = `${staged}/silences`;
      if (args[0] === 'ls') onLine?.(JSON.stringify({ struct_type: 'node', type: 'file', path, size: 7 }));
      const said = args[0] === 'snapshots' ? [] : { message_type: 'summary', snapshot_id: 'a' };
      return { code: 0, stdout: JSON.stringify(said), stderr: '' };
    },
  };
  const source = { part: 'alertmanager', folder: join(root, 'data'), elsewhere: {} } as const;
  const sources = Array.from({ length: times }, () => source);
  return performBackup({ place, sources, restic, json: true, ...(signal && { signal }) }, {});
}

test('P05 what is told is when a backup was done, and when one that failed was begun', async () => {
  const longer = (hours: number) => vi.setSystemTime(Date.now() + hours * 3_600_000);
  await backup((command) => command === 'backup' && longer(1));
  const done = told.splice(0).flat();
  expect(done).toEqual([{ outcome: 'success', at: expect.any(Number) }]);
  expect(done[0]?.at).toBe(Date.now());
  expect(done[0]?.at).toBeGreaterThanOrEqual(began + 3_600_000);
  const again = Date.now();
  const failing = backup((command) => {
    if (command !== 'backup') return;
    longer(1);
    throw new Error('no space left');
  });
  expect(await failing).toBe(false);
  expect(told).toEqual([[{ outcome: 'failure', at: again }]]);
});

test('P05 a second backup that is refused while one is under way looks no newer than that one', async () => {
  const later = () => vi.setSystemTime(Date.now() + 600_000);
  let second: Promise<boolean | string> | undefined;
  const first = backup((command) => {
    if (command !== 'backup' || second) return;
    later();
    second = backup((asked) => {
      if (asked !== 'cat') return;
      throw new Error('another run holds the repository');
    }).catch((error: Error) => error.message);
  });
  expect(await first).toBe(true);
  expect(await second).toBe('another run holds the repository');
  const at = (outcome: string) => told.flat().find((one) => one.outcome === outcome)?.at ?? Number.NaN;
  expect(at('failure')).toBeGreaterThan(began);
  expect(at('success')).toBeGreaterThanOrEqual(at('failure'));
});

test('P05 a clock that is set back while a part is backed up is not told to be the newest', async () => {
  await backup((command) => command === 'ls' && vi.setSystemTime(began - 590_000));
  expect(told).toEqual([[{ outcome: 'success', at: began }]]);
  vi.setSystemTime(began);
  await backup((command) => command === 'ls' && vi.setSystemTime(began - 610_000));
  expect(told).toHaveLength(1);
});

test('P05 a run that is interrupted has not failed: it tells nothing of what it did not end, and of what it made once', async () => {
  const interrupted = (at: string, after = 0) => {
    let left = after;
    const interrupt = new AbortController();
    const during = (command: string) => {
      if (command !== at || left-- > 0) return;
      interrupt.abort(new Error('Interrupted by SIGTERM'));
      throw new Error('restic ended with 130');
    };
    return backup(during, interrupt.signal, 2);
  };
  answer = 503;
  for (const command of ['cat', 'unlock', 'backup'])
    await expect(interrupted(command)).rejects.toThrow('Interrupted by SIGTERM');
  expect(told).toEqual([]);
  // The `backup` of the second part: data and record of the first come before.
  await expect(interrupted('backup', 2)).rejects.toThrow('Interrupted by SIGTERM');
  expect(told.splice(0)).toEqual([[{ outcome: 'success', at: began }]]);
  answer = 200;
  // Where nobody has interrupted it, it has failed.
  const missing = backup(() => {
    throw new Error('there is no repository');
  });
  await expect(missing).rejects.toThrow('there is no repository');
  expect(told).toEqual([[{ outcome: 'failure', at: began }]]);
});
