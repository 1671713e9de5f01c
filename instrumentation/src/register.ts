import { createRequire } from 'node:module';

/** The entry for `--import`: the same start, by require, and then a wait where Node hooks imports on a second thread. */
const { ready } = createRequire(import.meta.url)('./register.cjs') as { ready: Promise<void> | undefined };

await ready;
