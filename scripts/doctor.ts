/** `npm run doctor [--endpoint URL] [--kubernetes] [--canaries N] [--json]` */
import { examine } from '../doctor/doctor.ts';
import { reachCluster } from '../doctor/kubernetes.ts';
import { freshnessTable, hopLine, verdict } from '../doctor/print.ts';
import { remoteTargets, type Targets, targetSettings, targetsOf } from '../doctor/targets.ts';
import { homeFolder } from '../engine/home.ts';
import { placeOf, readState } from '../engine/state.ts';
import { native, portsFrom } from '../place.ts';
import { defaultProfile } from '../stack.ts';
import { command, exit, main, wholeNumber } from './command.ts';

interface Options {
  endpoint?: string;
  kubernetes?: true;
  context?: string;
  namespace: string;
  canaries: number;
  timeout: number;
  json?: true;
}

const options = command(
  'doctor',
  'Send a marked span, metric, log and test alert through the stack, and find them hop by hop.',
)
  .option('--endpoint <url>', "a remote stack's OTLP/gRPC address")
  .option('--kubernetes', 'the stack in a cluster, by kubectl; with --endpoint what is sent goes through its door')
  .option('--context <name>', "kubectl's, where not its current one")
  .option('--namespace <name>', 'of the stack there', 'fleetscope')
  .option('--canaries <n>', 'how many; from 2 on, freshness percentiles are printed', wholeNumber(1, 10_000), 1)
  .option('--timeout <seconds>', 'how long a canary may take', wholeNumber(1, 3_600), 30)
  .option('--json', 'for machines')
  .addHelpText('after', `\nParts on other hosts: set ${Object.values(targetSettings).join(', ')}.`)
  .parse()
  .opts<Options>();

await main(async () => {
  const { targets, close } = options.kubernetes ? await reachCluster(options) : { targets: known() };
  const report = await examine(targets, {
    canaries: options.canaries,
    timeoutMs: options.timeout * 1000,
    ...(options.json ? {} : { onHop: (hop) => console.log(hopLine(hop)) }),
  }).finally(close);
  if (options.json) console.log(JSON.stringify(report));
  else {
    if (report.freshness.length > 0) console.log(freshnessTable(report.freshness));
    console.log(verdict(report));
  }
  return report.ok ? exit.ok : exit.findings;
});

function known(): Targets {
  const home = homeFolder(process.env);
  const state = readState(home);
  const fromEnv = native({ home, profile: defaultProfile, portOf: portsFrom(process.env) });
  if (options.endpoint) return remoteTargets(options.endpoint, fromEnv, process.env);
  return targetsOf(state ? placeOf(state, home) : fromEnv);
}
