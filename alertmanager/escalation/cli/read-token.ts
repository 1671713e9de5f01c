import { readFileSync } from 'node:fs';

/** The API token: from the file that is named, or that a variable names, or that `up` made. @throws Error that says which. */
export function readToken(named: string | undefined, env: NodeJS.ProcessEnv, made: string): string {
  const path = named ?? env.FLEETSCOPE_ESCALATION_API_TOKEN_FILE ?? made;
  try {
    const token = readFileSync(path, 'utf8').trim();
    if (token !== '') return token;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(
      `Cannot read the API token: ${path}: ${code}. "npm run up" makes it; or give --token-file, or set FLEETSCOPE_ESCALATION_API_TOKEN_FILE.`,
      { cause },
    );
  }
  throw new Error(`Cannot read the API token: ${path} is empty. Remove it, and "npm run up" makes another.`);
}
