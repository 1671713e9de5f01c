/** The guard's own process: hears of steps on its standard input, and takes them back when that closes. */
import { createInterface } from 'node:readline';
import { lock } from '../../native/lock.ts';
import { type Step, undo } from './undo.ts';

// One test per machine: the names of its project and its images are fixed, so that leftovers are found again.
const held = await lock(process.argv[2] as string, () => console.error('Waiting for another test of compose.yml.'));
console.log('ready');
process.stderr.on('error', () => undefined); // Whoever read it may be gone; the way back goes on.

const steps: Step[] = [];
for await (const line of createInterface({ input: process.stdin })) steps.push(JSON.parse(line));
for (const step of steps.reverse()) {
  try {
    await undo(step);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
held.release();
