import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { collector } from '../../collector/collector.ts';
import { compose } from '../../place.ts';
import { killAll, start } from '../../service/testing/process.ts';
import { nodeHeapShare, profiles } from '../../stack.ts';

// Tens of thousands of runs.
vi.setConfig({ testTimeout: 120_000 });

const token = 'a-token-made-by-chance-0123456789-0123456789';
const { monitor: mib } = profiles.laptop;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fleetscope-monitor-'));
  writeFileSync(join(home, 'token'), token);
});
afterEach(() => {
  killAll();
  rmSync(home, { recursive: true });
});

/** The service as the smallest profile has it, and the most that it had for itself, in MiB. */
async function laptop() {
  const { child, url } = start(join(import.meta.dirname, 'main.ts'), {
    env: {
      FLEETSCOPE_MONITOR_LISTEN: '127.0.0.1:0',
      FLEETSCOPE_MONITOR_DATA: join(home, 'data'),
      FLEETSCOPE_MONITOR_TOKEN_FILE: join(home, 'token'),
      NODE_OPTIONS: `--max-old-space-size=${mib * nodeHeapShare}`,
    },
  });
  const at = await url;
  const seen = { most: 0 };
  const look = setInterval(() => {
    const [, kib = 0] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
    seen.most = Math.max(seen.most, Number(kib) / 1024);
  }, 10);
  const post = async (packed: Buffer) => {
    const { status } = await fetch(`${at}/v1/traces`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/x-protobuf',
        'content-encoding': 'gzip',
      },
      body: packed as Uint8Array<ArrayBuffer>,
    });
    return status;
  };
  return { post, seen, stop: () => clearInterval(look) };
}

/** So many bytes of the smallest spans there are, each of a trace of its own. */
function smallest(bytes: number): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(1_790_000_000_000_000_000n);
  const rest = [field(5, Buffer.from('session')), Buffer.from([0x39]), time, Buffer.from([0x41]), time];
  const span = () => field(2, Buffer.concat([field(1, randomBytes(16)), field(2, randomBytes(8)), ...rest]));
  const spans = Array.from({ length: Math.floor((bytes - 20) / span().length) }, span);
  return field(1, field(2, Buffer.concat(spans)));
}

function field(number: number, value: Buffer): Buffer {
  const length: number[] = [];
  let left = value.length;
  for (; left > 127; left >>>= 7) length.push((left & 127) | 128);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length, left]), value]);
}

test('R03 the smallest profile bears the largest batches there are, of the smallest spans', async () => {
  const { post, seen, stop } = await laptop();
  const { max_size } = collector(compose).exporters['otlp_http/monitor'].sending_queue.batch;
  const batches = [max_size, max_size].map((bytes) => gzipSync(smallest(bytes)));
  expect(await Promise.all(batches.map(post))).toEqual([200, 200]);
  // Of another sender: as much as is taken at all.
  expect(await post(gzipSync(smallest(4_194_304)))).toBe(200);
  stop();
  expect(seen.most).toBeGreaterThan(0);
  expect(seen.most).toBeLessThan(mib);
});

test('R03 kilobytes that become megabytes, two hundred at once, are refused one by one', async () => {
  const { post, seen, stop } = await laptop();
  const bomb = gzipSync(Buffer.alloc(20_000_000));
  const answers = await Promise.all(Array.from({ length: 200 }, () => post(bomb)));
  stop();
  expect(new Set(answers)).toEqual(new Set([413]));
  expect(seen.most).toBeGreaterThan(0);
  expect(seen.most).toBeLessThan(mib);
});
