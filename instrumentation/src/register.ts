import { createRequire } from 'node:module';

// The entry for `--import`: the same start as for `--require`, by the same file.
createRequire(import.meta.url)('./register.cjs');
