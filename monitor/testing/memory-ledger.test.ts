import { conformance } from '../store/conformance.ts';
import { MemoryLedger } from './memory-ledger.ts';

conformance('memory', async () => {
  const ledger = new MemoryLedger();
  return { open: async () => ledger, remove: async () => {} };
});
