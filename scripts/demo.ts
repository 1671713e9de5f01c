/** `npm run demo [-- --rate 3 --for forever --fault error-spike@60..120 …]` */
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { homeFolder } from '../engine/home.ts';
import { columns } from '../engine/progress.ts';
import { placeOf, readState } from '../engine/state.ts';
import { faultKinds, parseFault } from '../examples/fleet/demo/faults.ts';
import type { DemoOptions } from '../examples/fleet/demo/options.ts';
import { progressOn } from '../examples/fleet/demo/progress.ts';
import { runDemo } from '../examples/fleet/demo/run.ts';
import { summaryRows } from '../examples/fleet/demo/summary.ts';
import { native, portsFrom, url } from '../place.ts';
import { defaultProfile } from '../stack.ts';
import { command, exit, main, wholeNumber } from './command.ts';

type Given = Pick<DemoOptions, 'rate' | 'seed' | 'speed' | 'workflows' | 'modelUrl' | 'anthropicUrl'>;

const { for: seconds = Number.POSITIVE_INFINITY, ...options } = command(
  'demo',
  'Run a fleet of agents that really works, and watch it in the stack. Ctrl-C ends it.',
)
  .option('--rate <n>', 'workflows a minute', wholeNumber(1, 10_000), 3)
  .option('--for <seconds>', 'how long; default: forever', above0)
  .option('--workflows <n>', 'how many at most', wholeNumber(1, 10_000_000))
  .option('--seed <n>', 'the same seed asks for the same', wholeNumber(0, 2 ** 32 - 1), 1)
  .option('--speed <x>', 'how many times faster models and people are', above0, 1)
  .option('--fault <kind...>', `${faultKinds.join(', ')}; @60..120 behind it: when`, [])
  .option('--model-url <url>', "real models instead of the local ones, in OpenAI's format; needs OPENAI_API_KEY")
  .option('--anthropic-url <url>', 'with --model-url and ANTHROPIC_API_KEY', 'https://api.anthropic.com')
  .option('--endpoint <url>', "the Collector's OTLP/gRPC address; default: that of the running stack")
  .option('--json', 'for machines: what was counted, at the end')
  .parse()
  .opts<Given & { for?: number; fault: string[]; endpoint?: string; json?: true }>();

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());

await main(async () => {
  const { env } = process;
  const home = homeFolder(env);
  const state = readState(home);
  const place = state ? placeOf(state, home) : native({ home, profile: defaultProfile, portOf: portsFrom(env) });
  const result = await runDemo({
    ...{ ...options, seconds, env, faults: options.fault.map(parseFault), signal: interrupt.signal },
    endpoint: options.endpoint ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? url(place, 'collector', 'grpc'),
    grafana: url(place, 'grafana', 'http'),
    faultRecord: join(home, 'data', 'faults.jsonl'),
    control: join(home, 'data', 'control'),
    progress: progressOn(process.stderr),
  });
  console.log(options.json ? JSON.stringify(result) : columns(summaryRows(result)));
  return exit.ok;
});

function above0(text: string): number {
  const value = /^(forever|infinity)$/i.test(text) ? Number.POSITIVE_INFINITY : Number(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('Give a number above 0.');
}
