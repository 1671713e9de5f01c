/**
 * The entry for `--require`, and what the entry for `--import` loads.
 * Nothing here or below may ever throw into the host: the worst outcome is one line on stderr and no telemetry.
 */
const { refusal } = require('./node-version.cjs') as { refusal(version: string): string | undefined };

// One key per process, not per copy of this file: two installed versions must not both start.
const key = Symbol.for('fleetscope.instrumentation');
const started = globalThis as typeof globalThis & { [key]?: { ready: Promise<void> | undefined } };

if (!started[key]) {
  const state: { ready: Promise<void> | undefined } = { ready: undefined };
  Object.defineProperty(started, key, { value: state });
  try {
    const objection = refusal(process.versions.node);
    if (objection) process.stderr.write(objection);
    else state.ready = (require('./boot.js') as typeof import('./boot.ts')).boot();
  } catch (error) {
    process.stderr.write(`fleetscope: Not started: ${(error as Error)?.stack ?? error}\n`);
  }
}

module.exports = started[key];
