/**
 * The one entry of every `npm run` command: makes a fresh clone ready, then runs `scripts/<command>.ts` with the Node
 * that package.json pins. JavaScript, so that an older Node can read it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('..', import.meta.url));
const modules = join(repository, 'node_modules');
const [command = '', ...args] = process.argv.slice(2);

installIfStale();
buildInstrumentation();

const child = spawn(join(modules, '.bin', 'node'), [join(repository, 'scripts', `${command}.ts`), ...args], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${join(modules, '.bin')}:${process.env.PATH}` },
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

/** `npm ci` when what is installed is not what package-lock.json says. */
function installIfStale() {
  const lockfile = readFileSync(join(repository, 'package-lock.json'));
  const wanted = createHash('sha256').update(lockfile).digest('hex');
  const marker = join(modules, '.fleetscope-installed');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  process.stderr.write('Installing the packages of package-lock.json …\n');
  must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'Check the network and the npm registry setting.');
  writeFileSync(marker, wanted);
}

/** A twenty-file package: the compiler is quick enough to be asked every time. */
function buildInstrumentation() {
  const compiler = join(modules, 'typescript', 'bin', 'tsc');
  must(
    join(modules, '.bin', 'node'),
    [compiler, '--project', join(repository, 'instrumentation')],
    'Mend the errors above.',
  );
}

function must(program, argv, remedy) {
  const { status, error } = spawnSync(program, argv, { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  console.error(`Cannot run "${program} ${argv.join(' ')}": ${error?.message ?? `it ended with ${status}`}. ${remedy}`);
  process.exit(1);
}
