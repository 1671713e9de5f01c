/** `npm run up [--engine …] [--profile …] [--with …] [--detach]` */
import { Option } from 'commander';
import { examine } from '../doctor/doctor.ts';
import { hopLine, verdict } from '../doctor/print.ts';
import { targetsOf } from '../doctor/targets.ts';
import { addressTable, limitsLine } from '../engine/addresses.ts';
import { homeFolder } from '../engine/home.ts';
import { reporter } from '../engine/progress.ts';
import { placeOf, readState } from '../engine/state.ts';
import { bringUp, type Engine } from '../engine/up.ts';
import { portsFrom } from '../place.ts';
import { type Choice, choices, defaultProfile, type Profile, profiles } from '../stack.ts';
import { command, exit, main } from './command.ts';

const options = command('up', 'Start the whole stack and prove with the doctor that it works. Ctrl-C stops it.')
  .addOption(new Option('--engine <engine>', 'where it runs').choices(['auto', 'docker', 'native']).default('auto'))
  .addOption(new Option('--profile <size>', `its limits; default: ${defaultProfile}`).choices(Object.keys(profiles)))
  .addOption(new Option('--with <store...>', 'what runs beside ours (docs/choices.md)').choices(choices).default([]))
  .option('--detach', 'leave it running and return')
  .parse()
  .opts<{ engine: Engine | 'auto'; profile?: Profile; with: Choice[]; detach?: true }>();

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interrupt.abort(new Error(`Interrupted by ${signal}.`)));

await main(async () => {
  const home = homeFolder(process.env);
  const running = await bringUp({
    ...options,
    home,
    env: process.env,
    portOf: portsFrom(process.env),
    report: reporter(process.stderr),
    signal: interrupt.signal,
  });
  const state = readState(home);
  if (!state) throw new Error(`Cannot find ${home}/state.json: something removed it while the stack started.`);
  console.log(addressTable(state, home));
  console.log(limitsLine(state));
  const examined = await examine(targetsOf(placeOf(state, home)), {
    canaries: 1,
    timeoutMs: 30_000,
    onHop: (hop) => console.log(hopLine(hop)),
  });
  console.log(verdict(examined));
  if (options.detach || !running) running?.leave();
  else {
    console.log('Ctrl-C stops it; "npm run status" and "npm run doctor" work in another terminal.');
    if (!interrupt.signal.aborted) await Promise.race([running.ended, aborted(interrupt.signal)]);
    console.log('Stopping: the Collector first, so that it flushes …');
    await running.stop();
    console.log('Stopped.');
  }
  return examined.ok ? exit.ok : exit.findings;
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
