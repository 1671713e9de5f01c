/** `npm run secrets -- --size team`: the Secrets that a size of k8s/ asks for, as manifests on stdout. */
import { randomBytes } from 'node:crypto';
import { Option } from 'commander';
import { backupSecret } from '../k8s/backup.ts';
import { namespace as shipped } from '../k8s/manifest.ts';
import { chosen, given, printed } from '../k8s/print-secrets.ts';
import { sizes } from '../k8s/size.ts';
import { yaml } from '../twin.ts';
import { command, main } from './command.ts';

interface Options {
  size: string;
  namespace: string;
  otlpHost: string[];
  backup?: true;
  only?: string[];
  without: string[];
}

const options = command(
  'secrets',
  'The Secrets that k8s/ asks for: npm run --silent secrets -- --size team | kubectl create -f -',
)
  .addOption(new Option('--size <size>').choices(sizes.map(({ name }) => name)).default('single'))
  .option('--namespace <name>', 'of the stack', shipped)
  .option('--otlp-host <names...>', 'by which senders outside call the Collector: for its certificate', [])
  .option('--backup', 'that of the backup jobs as well (docs/backup.md)')
  .option('--only <secrets...>', 'these alone')
  .option('--without <secrets...>', 'all but these: somebody else makes them', [])
  .addHelpText(
    'after',
    '\nNothing is kept of them here. "create" refuses where they exist already: those that are in use stay.\n' +
      'What only you know is read from variables, or from files: <variable>_FILE. docs/secrets.md lists them.',
  )
  .parse()
  .opts<Options>();

await main(async () => {
  const manifests = await printed({
    ...options,
    backup: options.backup === true || options.only?.includes(backupSecret) === true,
    wanted: chosen(options.size, options.only, options.without),
    make: () => randomBytes(32).toString('base64url'),
    known: (variable) => given(process.env, variable),
  });
  process.stdout.write(manifests.map(yaml).join('---\n'));
  return 0;
});
