import { execa } from 'execa';

export interface RunOptions {
  env: NodeJS.ProcessEnv;
  stdin?: AsyncIterable<Uint8Array>;
  /** 10 minutes unless told. */
  timeoutMs?: number;
}

/** Runs `docker …` and answers what it prints. @throws Error with the last lines of what it said. */
export async function docker(
  args: readonly string[],
  { env, stdin, timeoutMs = 600_000 }: RunOptions,
): Promise<string> {
  const { failed, stdout, stderr, shortMessage } = await execa('docker', args, {
    env,
    extendEnv: false,
    stdin: stdin ?? 'ignore',
    timeout: timeoutMs,
    reject: false,
  });
  if (!failed) return stdout;
  const why = stderr?.trim().split('\n').slice(-12).join('\n') || shortMessage;
  throw new Error(`Cannot run "docker ${args.join(' ')}": ${why}`);
}
