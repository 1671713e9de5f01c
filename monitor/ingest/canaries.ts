/** The doctor's marked spans: that one is on disk proves the whole way to the ledger. They are of no run, so nothing shows them. */
import { operationName } from '../../instrumentation/src/catalog/llm.ts';
import { canaryOperation } from '../../instrumentation/src/catalog/monitor.ts';
import type { SpanFact } from '../ledger/fact.ts';

/** As many as a doctor sends who measures for long. */
const remembered = 1000;

export class Canaries {
  readonly #traces = new Set<string>();

  /** What is on disk now. */
  note(facts: readonly SpanFact[]): void {
    for (const { trace_id, attributes } of facts)
      if (attributes[operationName.name] === canaryOperation) this.#traces.add(trace_id);
    for (const oldest of this.#traces) {
      if (this.#traces.size <= remembered) break;
      this.#traces.delete(oldest);
    }
  }

  /** Whether the canary of this trace was kept since the service started. */
  has(traceId: string): boolean {
    return this.#traces.has(traceId);
  }
}
