import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';

/** The names under which distributions install Chromium, the most exact first. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Quiet, and nothing fetched that was not asked for. */
const flags = [
  ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--force-color-profile=srgb'],
];

/** FLEETSCOPE_CHROMIUM, or a Chromium on PATH. @throws Error that says how to get one. */
export function findChromium(env: NodeJS.ProcessEnv): string {
  if (env.FLEETSCOPE_CHROMIUM) {
    if (isProgram(env.FLEETSCOPE_CHROMIUM)) return env.FLEETSCOPE_CHROMIUM;
    throw new Error(
      `Cannot take pictures: FLEETSCOPE_CHROMIUM="${env.FLEETSCOPE_CHROMIUM}" is no program. Set it to a Chromium.`,
    );
  }
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  if (found) return found;
  throw new Error(
    `Cannot take pictures: no ${names[0]} on PATH. Install one (apt-get install chromium), or set FLEETSCOPE_CHROMIUM.`,
  );
}

/** Playwright's own browser is never downloaded. */
export async function launch(executablePath: string): Promise<Browser> {
  // Chromium refuses its sandbox to root.
  const args = process.getuid?.() === 0 ? [...flags, '--no-sandbox'] : flags;
  // Large, and of use to nobody who only asks for a path.
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args, headless: true });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
