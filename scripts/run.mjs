/**
 * The one entry of every `npm run` command: makes a fresh clone ready, then runs `scripts/<command>.ts` with the Node
 * that package.json pins. JavaScript, so that an older Node can read it.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildInstrumentation, installIfStale, modules, pinnedNode, repository } from '../native/packages/install.mjs';

const [command = '', ...args] = process.argv.slice(2);

await installIfStale();
buildInstrumentation();

const child = spawn(pinnedNode, [join(repository, 'scripts', `${command}.ts`), ...args], {
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: `${join(modules, '.bin')}:${process.env.PATH}`,
    // A question that is answered in a tenth of a second is not to wait for the compiler.
    ...(['monitor', 'memory'].includes(command) && {
      NODE_COMPILE_CACHE: join(modules, '.cache', 'fleetscope-compiled'),
    }),
  },
});
// The terminal sends Ctrl-C to the child as well: it decides when to end, and this process ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
// npm's shell does not pass a SIGTERM on: it dies, and we get another parent.
const { ppid } = process;
const orphaned = setInterval(() => process.ppid !== ppid && child.kill('SIGHUP'), 500);
orphaned.unref();
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
});
