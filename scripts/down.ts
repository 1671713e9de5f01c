/** `npm run down [--volumes]` */
import { down } from '../engine/down.ts';
import { homeFolder } from '../engine/home.ts';
import { command, exit, main } from './command.ts';

const { volumes } = command('down', 'Stop the stack: the Collector first, so that it flushes, then the backends.')
  .option('--volumes', 'also delete its data')
  .parse()
  .opts<{ volumes?: true }>();

await main(async () => {
  const ran = await down({
    home: homeFolder(process.env),
    volumes: volumes ?? false,
    env: process.env,
    notice: console.log,
  });
  console.log(ran ? 'Stopped.' : 'Nothing was running.');
  return exit.ok;
});
