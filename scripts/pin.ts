/** `npm run pin`: writes go.mod and go.sum of the native Collector anew, after builder.yaml or its release changed. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { stack } from '../stack.ts';
import { command, exit, main } from './command.ts';
import { repository } from './twins.ts';

command('pin', 'Resolve the Go modules of native/collector/builder.yaml and pin them.').parse();

await main(async () => {
  const { module, pin } = stack.collector.native;
  const target = join(repository, 'native', 'collector');
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-pin-'));
  const go = (cwd: string, ...args: string[]) =>
    execa('go', args, { cwd, env: { GOFLAGS: '', GOWORK: 'off' }, stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    copyFileSync(join(target, 'builder.yaml'), join(folder, 'builder.yaml'));
    await go(folder, 'mod', 'init', 'fleetscope/native/collector');
    await go(folder, 'get', '-tool', `${module}@${pin}`);
    await go(folder, 'tool', 'builder', '--config', 'builder.yaml', '--skip-compilation');
    const built = join(folder, '_build');
    await go(built, 'get', '-tool', `${module}@${pin}`);
    await go(built, 'mod', 'tidy');
    const lines = readFileSync(join(built, 'go.mod'), 'utf8').split('\n').slice(1);
    const title =
      '// Pins of the native Collector: written by "npm run pin". The requirements follow from builder.yaml.';
    writeFileSync(join(target, 'go.mod'), [title, ...lines].join('\n'));
    copyFileSync(join(built, 'go.sum'), join(target, 'go.sum'));
    console.log('Pinned. Build and test with: npm run test:stack');
    return exit.ok;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
