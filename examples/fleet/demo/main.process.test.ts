import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const nowhere = '--endpoint=http://127.0.0.1:1';
const run = (...args: string[]) =>
  execa(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    reject: false,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
  });

test('P03 without a Collector it ends, and says so: its container is started again', async () => {
  expect(await run(nowhere)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^Cannot start the demo: no Collector answers at http:\/\/127\.0\.0\.1:1 /),
  });
});

test.each([
  [['--rate=0', nowhere], /Give a number from 1 to 10000\./],
  [['--seed=1.5', nowhere], /Give a number from 0 to/],
  [['--fault=rain', nowhere], /^Cannot use the fault "rain"/],
  [[], /^Cannot use the endpoint ""/],
])('P03 what it cannot do it refuses: %s', async (args, why) => {
  expect(await run(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(why) });
});
