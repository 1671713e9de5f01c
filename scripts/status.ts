/** `npm run status [--json]` */
import { homeFolder } from '../engine/home.ts';
import { columns } from '../engine/progress.ts';
import { status } from '../engine/status.ts';
import { command, exit, main } from './command.ts';

const { json } = command('status', 'What runs, where, and since which version. Exit 1 unless everything is ready.')
  .option('--json', 'for machines')
  .parse()
  .opts<{ json?: true }>();

await main(async () => {
  const components = await status(homeFolder(process.env), process.env);
  if (json) console.log(JSON.stringify({ running: components !== undefined, components: components ?? [] }));
  else if (!components) console.log('Nothing runs. Start it: npm run up');
  else {
    const rows = components.map((one) => [one.component, one.phase, one.address, one.version, `${one.restarts}`]);
    console.log(columns([['COMPONENT', 'PHASE', 'ADDRESS', 'VERSION', 'RESTARTS'], ...rows]));
  }
  const healthy = components?.every(({ phase }) => ['ready', 'healthy', 'running', 'exited'].includes(phase));
  return healthy ? exit.ok : exit.findings;
});
