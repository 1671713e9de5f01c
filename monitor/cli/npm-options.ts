/**
 * Options that npm takes for its own where no `--` stands before them: `npm run monitor cleanup 30 --dry-run` comes here as
 * `cleanup 30`, and would delete. npm leaves them in the environment (https://docs.npmjs.com/cli/v11/using-npm/config).
 */

import { oneLine } from '../words.ts';
import type { Options } from './command.ts';

/** Those that npm has, too, and hands on as they are meant. From somebody's .npmrc they do no harm. */
const handedOn = { dryRun: 'npm_config_dry_run', json: 'npm_config_json', all: 'npm_config_all' };
/** Of these it says nothing, or something of a .npmrc. */
const npmsOwn = [...Object.values(handedOn), 'npm_config_before'];

/** Commands that read their options so. */
const ours = ['monitor', 'memory'];

export function npmOptions(env: NodeJS.ProcessEnv): Options {
  if (!isNpms(env)) return {};
  return Object.fromEntries(
    Object.entries(handedOn).flatMap(([name, key]) => (env[key] === 'true' ? [[name, true]] : [])),
  );
}

interface Flag {
  /** `--min-success` */
  readonly long?: string | undefined;
  /** Whether it has a value. */
  readonly required: boolean;
}

/** Of options that are ours alone nothing is guessed: npm has mixed their values with the arguments. @returns what to write instead. */
export function takenByNpm(
  env: NodeJS.ProcessEnv,
  flags: readonly Flag[],
  args: readonly string[],
): string | undefined {
  if (!isNpms(env)) return undefined;
  const keys = Object.keys(env).filter((key) => key.startsWith('npm_config_') && !npmsOwn.includes(key));
  const taken = flags.flatMap(({ long = '', required }) => {
    // `--dryrun`, too, which is nobody's.
    const key = keys.find((key) => key.slice('npm_config_'.length).replaceAll('_', '') === long.replaceAll('-', ''));
    if (key === undefined || args.some((arg) => arg === long || arg.startsWith(`${long}=`))) return [];
    // Without `=` between them, the value has become an argument.
    const isLost = required && env[key] === 'true';
    return [{ long, isLost, written: required ? `${long}=${isLost ? '…' : env[key]}` : long }];
  });
  if (taken.length === 0) return undefined;
  const [name, ...rest] = args;
  const line = [name, ...(taken.some(({ isLost }) => isLost) ? ['…'] : rest), ...taken.map(({ written }) => written)];
  return oneLine(
    `Cannot heed ${taken.map(({ long }) => long).join(', ')}: npm took ${taken.length === 1 ? 'it' : 'them'} for its own. Write "--" before the options: npm run ${env.npm_lifecycle_event} -- ${line.join(' ')}`,
  );
}

/** Another script that calls this one has options of its own. */
function isNpms(env: NodeJS.ProcessEnv): boolean {
  return ours.includes(env.npm_lifecycle_event ?? '');
}
