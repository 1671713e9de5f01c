/** A store for tests of whoever uses one. What a store has to keep is told by store/conformance.ts. */
import { chained, type Head, noHead } from '../../audit/chain.ts';
import type { Incident } from '../../incident/incident.ts';
import type { AuditRecord, ListFilter, Store } from '../../store/store.ts';

export interface MemoryStore extends Store {
  /** So many saves are too slow before one is not. */
  tooSlow(times: number): void;
  /** Everything fails from now on. */
  breaks(): void;
}

export function memoryStore(): MemoryStore {
  const incidents = new Map<string, Incident>();
  const trail: AuditRecord[] = [];
  const spent = new Set<string>();
  let slow = 0;
  let broken = false;
  const all = () => {
    if (broken) throw new Error('disk I/O error at /secret/place');
    return [...incidents.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  };

  return {
    tooSlow(times) {
      slow = times;
    },
    breaks() {
      broken = true;
    },
    byId: async (id) => all().find((one) => one.id === id),
    newestOf: async (key) => all().find((one) => one.key === key),
    async save(incident) {
      const before = all().find(({ id }) => id === incident.id);
      const open = all().find(
        ({ key, state, id }) => key === incident.key && state !== 'resolved' && id !== incident.id,
      );
      if (slow-- > 0 || (before?.version ?? 0) !== incident.version - 1 || (!before && open)) return false;
      for (const entry of incident.journal) trail.push(chained((trail.at(-1) as Head) ?? noHead, entry));
      incidents.set(incident.id, { ...structuredClone(incident), journal: [] });
      return true;
    },
    due: async (now, limit) =>
      all()
        .filter(({ dueAt }) => dueAt !== null && dueAt <= now)
        .slice(0, limit),
    async *unresolved() {
      yield* all().filter(({ state }) => state !== 'resolved');
    },
    list: async (filter) =>
      all()
        .filter((one) => fits(one, filter))
        .slice(0, filter.limit),
    async openBySeverity() {
      const open = all().filter(({ state }) => state !== 'resolved');
      const count = (wanted: string) => open.filter(({ severity }) => severity === wanted).length;
      return { critical: count('critical'), high: count('high'), warning: count('warning'), info: count('info') };
    },
    spend: async (token) => !spent.has(token) && spent.add(token) === spent,
    async *audit(from = 1) {
      yield* trail.slice(from - 1);
    },
    historyOf: async (id) => trail.filter(({ incident }) => incident === id),
    lease: async () => true,
    release: async () => {},
    forget: async () => 0,
    close: async () => {},
  };
}

function fits({ id, state, team, severity }: Incident, filter: ListFilter): boolean {
  return (
    (filter.states?.includes(state) ?? true) &&
    (filter.team ?? team) === team &&
    (filter.severity ?? severity) === severity &&
    (filter.before === undefined || id < filter.before)
  );
}
