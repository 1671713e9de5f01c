/** `npm run doctor [--endpoint URL] [--kubernetes] [--hosts FILE] [--canaries N] [--json]` */
import { type DoctorOptions, examine, examineOutside, type Report } from '../doctor/doctor.ts';
import { doorsIn } from '../doctor/doors.ts';
import type { Hop } from '../doctor/hops.ts';
import { reachCluster } from '../doctor/kubernetes.ts';
import { hopLine, summary } from '../doctor/print.ts';
import { remoteTargets, type Targets, targetSettings, targetsOf } from '../doctor/targets.ts';
import { homeFolder } from '../engine/home.ts';
import { runningPlace } from '../engine/running-place.ts';
import { native, portsFrom } from '../place.ts';
import { defaultProfile } from '../stack.ts';
import { command, exit, main, wholeNumber } from './command.ts';

interface Options {
  endpoint?: string;
  kubernetes?: true;
  context?: string;
  namespace: string;
  hosts?: string;
  canaries: number;
  timeout: number;
  json?: true;
}

const options = command('doctor', 'Send a marked span, metric, log and test alert through, and find them hop by hop.')
  .option('--endpoint <url>', "a remote stack's OTLP/gRPC address")
  .option('--kubernetes', 'the stack in a cluster, by kubectl; with --endpoint what is sent goes through its door')
  .option('--context <name>', "kubectl's, where not its current one")
  .option('--namespace <name>', 'of the stack there', 'fleetscope')
  .option('--hosts <file>', 'its names outside (k8s/example/hosts.yaml): its doors; without --kubernetes they alone')
  .option('--canaries <n>', 'how many; from 2 on, freshness percentiles are printed', wholeNumber(1, 10_000), 1)
  .option('--timeout <seconds>', 'how long a canary may take', wholeNumber(1, 3_600), 30)
  .option('--json', 'for machines')
  .addHelpText('after', `\nParts on other hosts: set ${Object.values(targetSettings).join(', ')}.`)
  .parse()
  .opts<Options>();

await main(async () => {
  const { endpoint, canaries, timeout, json, hosts } = options;
  const onHop = (hop: Hop) => console.log(hopLine(hop));
  const how = { canaries, timeoutMs: timeout * 1000, ...(!json && { onHop }) };
  const doors = hosts === undefined ? undefined : { ...doorsIn(hosts), ...(endpoint && { otlp: endpoint }) };
  const report = doors && !options.kubernetes ? await examineOutside(doors, how) : await within({ ...how, doors });
  console.log(json ? JSON.stringify(report) : summary(report));
  return report.ok ? exit.ok : exit.findings;
});

async function within(how: DoctorOptions): Promise<Report> {
  const { targets, close } = options.kubernetes
    ? await reachCluster({ ...options, ...(how.doors && { endpoint: how.doors.otlp }) })
    : { targets: known(process.env) };
  return examine(targets, how).finally(close);
}

function known(env: NodeJS.ProcessEnv): Targets {
  if (!options.endpoint) return targetsOf(runningPlace(env));
  const usual = native({ home: homeFolder(env), profile: defaultProfile, portOf: portsFrom(env) });
  return remoteTargets(options.endpoint, usual, env);
}
