/** `npm run incidents -- list|show|ack|resolve|snooze|assign|note|approve|refuse|timeline|audit [--json]` */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { apiClient } from '../alertmanager/escalation/cli/api-client.ts';
import { commands, type Given } from '../alertmanager/escalation/cli/commands.ts';
import { readToken } from '../alertmanager/escalation/cli/read-token.ts';
import { homeFolder } from '../engine/home.ts';
import { columns } from '../engine/progress.ts';
import { runningPlace } from '../engine/running-place.ts';
import { url } from '../place.ts';
import { command, exit, main } from './command.ts';

interface Options extends Record<string, string | true | undefined> {
  url?: string;
  tokenFile?: string;
  as?: string;
  json?: true;
}

const program = command('incidents', 'Incidents: what is open, who has it, what was done; and your answer to them.')
  .option('--url <url>', 'of the escalation service; default: that of the running stack')
  .option('--token-file <path>', 'the API token; default: FLEETSCOPE_ESCALATION_API_TOKEN_FILE, or what "up" made')
  .option('--as <name>', 'who you are, in the audit trail; default: your login name')
  .option('--json', 'for machines')
  .addHelpText('after', '\nExit 1: it could not be done, or the audit trail is broken. Exit 2: wrong usage.');

for (const { usage, description, options = [], run } of commands) {
  const sub = program.command(usage).description(description);
  for (const [flags, words] of options) sub.option(flags, words);
  sub.action(() => main(() => perform(run, sub.args, sub.optsWithGlobals())));
}

async function perform(
  run: (given: Given) => ReturnType<(typeof commands)[number]['run']>,
  args: string[],
  options: Options,
) {
  const place = runningPlace(process.env);
  const log = join(homeFolder(process.env), 'logs', 'alerts');
  const { json, text, findings } = await run({
    client: apiClient({
      url: options.url ?? url(place, 'escalation', 'http'),
      token: readToken(options.tokenFile, process.env, place.secret('escalation-api-token')),
    }),
    args,
    // The log on this machine is of the stack of this machine.
    options: { ...(options.url === undefined && existsSync(log) && { log }), ...options },
    actor: options.as ?? userInfo().username,
    now: Date.now(),
    table: process.stdout.isTTY ? columns : (rows) => rows.map((row) => row.join('\t')).join('\n'),
    line: (line) => console.log(line),
  });
  if (options.json && json !== undefined) console.log(JSON.stringify(json));
  else if (text !== undefined) console.log(text);
  return findings ? exit.findings : exit.ok;
}

await program.parseAsync();
