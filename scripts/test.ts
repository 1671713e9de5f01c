/** `npm test [-- unit|process|package|stack|faults|compose|browser] [vitest arguments]` */
import { join } from 'node:path';
import { execa } from 'execa';
import { exit, main } from './command.ts';

const projects = ['unit', 'process', 'package', 'stack', 'faults', 'compose', 'k8s', 'browser'];
const [first = '', ...rest] = process.argv.slice(2);

if (first === '--help') {
  console.log(`Usage: npm test -- [${projects.join('|')}] [vitest arguments]\n
unit     seconds, no binaries: what is rerun at each save
process  what starts programs or whole services, or needs a process to itself; the whole repository generated anew
package  processes that preload the published package, packed and installed as a stranger would
stack    the real Collector, Tempo, Loki, Prometheus and Alertmanager, natively; builds what is missing once
faults   each trouble of the demo against the alert rules, on the real clock: a quarter of an hour on a quiet machine
compose  compose.yml on a real container engine
k8s      k8s/ on a real Kubernetes of one node, which it starts and removes; as root
browser  what screenshots see, in a real Chromium: one on PATH, or FLEETSCOPE_CHROMIUM
Without a name: unit, process, package and stack.`);
} else {
  await main(async () => {
    const named = projects.includes(first);
    const chosen = named ? [first] : ['unit', 'process', 'package', 'stack'];
    const passed = named ? rest : process.argv.slice(2);
    const vitest = join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs');
    const { exitCode } = await execa(
      process.execPath,
      // Some have several names there, for how their files are run.
      [vitest, 'run', ...chosen.map((project) => `--project=${project}*`), ...passed],
      { stdio: ['ignore', 'inherit', 'inherit'], reject: false },
    );
    return exitCode === 0 ? exit.ok : exit.findings;
  });
}
