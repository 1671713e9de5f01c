import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { Report } from '../../bench/instrumentation.ts';
import { processesThatName, repository } from './command-line.ts';

const bench = (...args: string[]) =>
  execa({ reject: false })(process.execPath, [join(repository, 'scripts', 'bench.ts'), 'instrumentation', ...args]);

test('I06 the bench measures every preload in every situation, telemetry really leaves, and nothing stays behind', async () => {
  const { exitCode, stdout, stderr } = await bench('--quick', '--json', '--presets', 'full');
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('bare cjs: start-up') });
  const { rows, calls, received } = JSON.parse(stdout) as Report;
  const measured = rows.map(({ service, situation, variant }) => `${service} ${situation} ${variant}`);
  expect(measured).toEqual(
    ['realistic', 'bare'].flatMap((service) =>
      ['start', 'saturation', 'calm'].flatMap((situation) =>
        ['none', 'full', 'auto-instrumentations-node'].map((variant) => `${service} ${situation} ${variant}`),
      ),
    ),
  );
  for (const { numbers } of rows) expect((numbers.cpuMs ?? numbers.startMs)?.value.median).toBeGreaterThan(0);
  expect(calls.length).toBeGreaterThan(5);
  expect(received.traces).toBeGreaterThan(10_000);
  expect(await processesThatName('services/bare.')).toEqual([]);
});

test('I06 the numbers of a quick run cannot be published', async () => {
  const { exitCode, stderr } = await bench('--quick', '--write');
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('Cannot write the numbers') });
});
