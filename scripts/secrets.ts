/** `npm run secrets`: the Secret that k8s/ asks for, each of its values made by chance, as a manifest on stdout. */
import { randomBytes } from 'node:crypto';
import { namespace as shipped } from '../k8s/manifest.ts';
import { secretManifest } from '../k8s/secrets.ts';
import { yaml } from '../twin.ts';
import { command, main } from './command.ts';

const program = command(
  'secrets',
  'The secrets that k8s/ asks for, made by chance: npm run --silent secrets | kubectl create -f -',
)
  .option('--namespace <name>', 'of the stack', shipped)
  .addHelpText(
    'after',
    '\nNothing is kept of them here. "create" refuses where they exist already: those that are in use stay.',
  );

program.action(({ namespace }: { namespace: string }) =>
  main(async () => {
    process.stdout.write(yaml(secretManifest(namespace, () => randomBytes(32).toString('base64url'))));
    return 0;
  }),
);
await program.parseAsync();
