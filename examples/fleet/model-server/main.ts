/** `node main.ts [--port 0] [--host 127.0.0.1] [--seed 1] [--speed 1]`: the model server as a process of its own. */
import { Command, InvalidArgumentError } from 'commander';
import { createModelServer } from './server.ts';

const options = new Command('model-server')
  .description('Speaks as OpenAI and Anthropic do, with seeded answers, waits and failures. SIGTERM stops it.')
  .option('--port <port>', '0 takes a free one', number(0, 65_535, Number.isInteger), 0)
  .option('--host <address>', 'where to listen; /__ledger and /__faults answer loopback only', '127.0.0.1')
  .option('--seed <number>', 'the same seed gives the same answers', number(0, 2 ** 32 - 1, Number.isInteger), 1)
  .option('--speed <factor>', 'times faster than a provider, or Infinity', number(0.001, Number.POSITIVE_INFINITY), 1)
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ port: number; host: string; seed: number; speed: number }>();

try {
  const { url, close } = await createModelServer(options).listen(options.port, options.host);
  console.log(url);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, close);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

function number(least: number, most: number, fits = (_value: number) => true): (text: string) => number {
  return (text) => {
    const value = text === '' ? Number.NaN : Number(text);
    if (value >= least && value <= most && fits(value)) return value;
    throw new InvalidArgumentError(`Give a number from ${least} to ${most}.`);
  };
}
