/**
 * The entry for `--require`, and what the entry for `--import` loads.
 * Nothing here or below may ever throw into the host: the worst outcome is one line on stderr and no telemetry.
 */
const { isMainThread } = require('worker_threads') as typeof import('node:worker_threads');
const { refusal } = require('./node-version.cjs') as { refusal(version: string): string | undefined };

// One mark per process, not per copy of this file: two installed versions must not both start.
const mark = Symbol.for('fleetscope.instrumentation');

// Preloads reach worker threads too, and the thread on which some versions of Node run hooks on imports.
if (isMainThread && !(mark in globalThis)) {
  Object.defineProperty(globalThis, mark, { value: true });
  try {
    const objection = refusal(process.versions.node);
    if (objection) process.stderr.write(objection);
    else (require('./boot.js') as typeof import('./boot.ts')).boot();
  } catch (error) {
    const reason = String((error as Error)?.message ?? error).split('\n', 1)[0];
    process.stderr.write(`fleetscope: Not started: ${reason} The service runs without telemetry.\n`);
  }
}
