import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the fleet can be steered: files `url` and `token` in a folder, which hooks of the escalation service read. */
export class ControlFiles {
  /** `FLEETSCOPE_CONTROL_TOKEN`, or one that nobody could guess. */
  readonly token: string;
  readonly #folder: string;

  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.token = env.FLEETSCOPE_CONTROL_TOKEN || randomBytes(32).toString('base64url');
  }

  /** Readable by this user alone. */
  write(url: string): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (const [name, text] of Object.entries({ url, token: this.token })) {
      const path = join(this.#folder, name);
      // The mode of a file that is there already would stay.
      rmSync(path, { force: true });
      writeFileSync(path, `${text}\n`, { mode: 0o600 });
    }
  }

  /** Nothing listens there any more. */
  remove(): void {
    for (const name of ['url', 'token']) rmSync(join(this.#folder, name), { force: true });
  }
}
