/** `node demo/main.ts [--rate 3] …`: the demo as its image runs it, without the repository around it. A SIGTERM ends it. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { faultKinds, parseFault } from './faults.ts';
import { progressOn } from './progress.ts';
import { runDemo } from './run.ts';

const { env, stderr } = process;
const { fault, ...options } = new Command('fleet')
  .description('A fleet of agents that really works, in a small world of its own, until it is told to end.')
  .option('--rate <n>', 'workflows a minute', number(1, 10_000, Number.isInteger), 3)
  .option('--seed <n>', 'the same seed asks for the same', number(0, 2 ** 32 - 1, Number.isInteger), 1)
  .option('--speed <x>', 'how many times faster models and people are', number(0.001, 10_000), 1)
  .option('--fault <kind...>', `${faultKinds.join(', ')}; @60..120 behind it: when`, [])
  .requiredOption('--endpoint <url>', "the Collector's OTLP/gRPC address", env.OTEL_EXPORTER_OTLP_ENDPOINT)
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ rate: number; seed: number; speed: number; fault: string[]; endpoint: string }>();

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());
// Whoever gets into its container may steer it: the folder is as long there as the container.
const folder = join(tmpdir(), 'fleet-demo');

try {
  const { sent, counted } = await runDemo({
    ...{ ...options, faults: fault.map(parseFault), env, signal: interrupt.signal, progress: progressOn(stderr) },
    ...{ seconds: Number.POSITIVE_INFINITY, workflows: undefined, grafana: undefined },
    ...{ modelUrl: undefined, anthropicUrl: '' },
    ...{ faultRecord: join(folder, 'faults.jsonl'), control: join(folder, 'control') },
  });
  console.log(JSON.stringify({ sent, counted }));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof RangeError || error instanceof TypeError ? 2 : 1;
}

function number(least: number, most: number, fits = (_value: number) => true): (text: string) => number {
  return (text) => {
    const value = text === '' ? Number.NaN : Number(text);
    if (value >= least && value <= most && fits(value)) return value;
    throw new InvalidArgumentError(`Give a number from ${least} to ${most}.`);
  };
}
