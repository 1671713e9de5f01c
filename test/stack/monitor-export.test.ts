/** `export` of a large ledger: in constant memory, and all of it. */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedger } from '../../monitor/store/open.ts';
import { agent, workflow } from '../../monitor/testing/some-facts.ts';
import { repository } from './command-line.ts';

/** Executions of the two ledgers; a run has ten. */
const sizes = { small: 3000, large: 30_000 };
/**
 * What ten times the rows may take more, in MiB: SQLite keeps up to 64 MiB of a large file's pages, and a heap that is in use is
 * let grow before it is cleaned up. Whoever keeps the rows themselves takes twice as much.
 */
const roomMib = 128;

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-export-'));
const fileOf = (size: keyof typeof sizes) => join(folder, `${size}.db`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  for (const size of ['small', 'large'] as const) {
    const ledger = await openLedger(fileOf(size));
    for (let from = 0; from < sizes[size] / 10; from += 150)
      await ledger.record(Array.from({ length: 150 }, (_, i) => aRun(from + i)).flat());
    await ledger.close();
  }
}, 180_000);

/** Ten agents with something to say. */
function aRun(number: number) {
  const [session, trace] = [`run-${String(number).padStart(6, '0')}`, `t-${number}`];
  const inRun = { trace, from: number, to: number + 9 };
  const names = Array.from({ length: 10 }, (_, i) => `0${i}`);
  return [
    workflow(session, { ...inRun, id: 'root' }),
    ...names.map((id) =>
      agent(`agent-${id}`, { ...inRun, id, parent: 'root', error: true, message: 'x'.repeat(2000) }),
    ),
  ];
}

/** Peak of a program's memory, in MiB. */
async function peakOf(program: string, ...args: string[]): Promise<number> {
  // At its end, past everything that it did.
  const tell = "process.on('exit', () => console.error('peak', process.resourceUsage().maxRSS))";
  const preload = ['--import', `data:text/javascript,${encodeURIComponent(tell)}`];
  const { stderr } = await execa(process.execPath, [...preload, program, ...args], {
    ...{ stdin: 'ignore', stdout: 'ignore', env: { FLEETSCOPE_HOME: folder, FLEETSCOPE_MONITOR_DB: '' } },
  });
  return Number(/^peak (\d+)$/.exec(stderr)?.[1]) / 1024;
}

function exported(size: keyof typeof sizes, output: string): Promise<number> {
  const script = join(repository, 'scripts', 'monitor.ts');
  return peakOf(script, '--db', fileOf(size), 'export', '--format', 'ndjson', '--output', output);
}

test('R01 an export of ten times the executions takes no more memory, and is what the store has', {
  timeout: 180_000,
}, async () => {
  const [small, large] = [join(folder, 'small.ndjson'), join(folder, 'large.ndjson')];
  const peaks = [await exported('small', small), await exported('large', large)] as const;
  expect(peaks[1] - peaks[0], 'MiB more').toBeLessThan(roomMib);
  // One that collects what it is to write would be seen.
  const collecting = join(folder, 'collecting.ts');
  const open = join(repository, 'monitor', 'store', 'open.ts');
  writeFileSync(
    collecting,
    `import { openLedger } from '${open}';
    const ledger = await openLedger(process.argv[2]);
    const all = await Array.fromAsync(ledger.export());
    console.log(JSON.stringify(all));`,
  );
  const collected = await peakOf(collecting, fileOf('large'));
  console.log(
    `${sizes.small} and ${sizes.large} executions: peaks of ${peaks.map(Math.round).join(' and ')} MiB, where all is collected ${Math.round(collected)} MiB`,
  );
  expect(collected - peaks[0], 'MiB more').toBeGreaterThan(roomMib);

  const ledger = await openLedger(fileOf('large'));
  const stored = ledger.export()[Symbol.asyncIterator]();
  let executions = 0;
  for await (const line of createInterface({ input: createReadStream(large) })) {
    const { value } = await stored.next();
    expect(line).toBe(JSON.stringify(value));
    executions += value?.executions.length ?? 0;
  }
  expect([await stored.next(), executions]).toEqual([{ done: true, value: undefined }, sizes.large]);
  await ledger.close();
});
