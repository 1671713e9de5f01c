import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const url = (path: string) => new URL(path, import.meta.url).href;

/** A process with calls in it, seen from outside. */
const program = `
  import { agent, command, execution, heartbeat, MessageBus, observeMemory, queue, session } from '${url('../fleet.ts')}';
  if (process.argv[1] === 'with an SDK') (await import('${url('../testing-kit.ts')}')).createTestKit();
  const said = [];
  process.on('unhandledRejection', (error) => said.push('unhandled ' + error.message));
  process.on('exit', () => console.log(JSON.stringify(said)));
  class Own extends Promise {}
  const of = { name: 'a', action: 'x' };
  agent(of, () => Promise.reject(new Error('native')));
  agent(of, () => Own.reject(new Error('of its own class')));
  agent(of, () => agent(of, async () => { throw new Error('nested'); }));
  agent(of, () => Promise.reject(new Error('handled'))).catch(() => {});
  await agent(of, () => Own.reject(new Error('awaited'))).catch((error) => said.push('caught ' + error.message));
  agent(of, async function* () { throw new Error('never read'); });
  // None of these may keep the process alive.
  heartbeat('a', { everyMs: 10 });
  command({ type: 'c' }, () => new Promise(() => {}));
  session({ type: 's' }, () => execution({ runtime: 'r' }, async function* () {}));
  new MessageBus().send('nobody', 1);
  queue('q', () => 1);
  observeMemory('m', () => 1);
`;

test.concurrent.each(['without an SDK', 'with an SDK'])(
  'I01 %s a process ends when its own work has, and hears of the rejections that nobody handles',
  async (mode) => {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program, '--', mode],
      { timeout: 15_000 },
    );
    expect(JSON.parse(stdout).sort()).toEqual([
      'caught awaited',
      'unhandled native',
      'unhandled nested',
      'unhandled of its own class',
    ]);
    expect(stderr).toBe('');
  },
);
