import { conformance } from '../store/conformance/conformance.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { at } from './some-facts.ts';

conformance('memory', async () => {
  const ledger = new MemoryLedger([], () => Date.parse(at(3600)));
  return { open: async () => ledger, remove: async () => {} };
});
