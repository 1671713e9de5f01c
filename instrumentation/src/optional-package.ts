import { createRequire } from 'node:module';
import { type App, requireFrom } from './app.ts';

/** A package this one does not bring: from beside it, else from the app. Throws with the command that installs it. */
export function loadOptional<T>(name: string, app: App): T {
  for (const load of [createRequire(import.meta.url), requireFrom(app)]) {
    try {
      return load(name) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error(`${name} is not installed. Run: npm install ${name}`);
}
