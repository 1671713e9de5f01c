const key = Symbol.for('fleetscope.shared.1');

/**
 * State of the process rather than of this copy of the code: the preload and the program each have one, and what the
 * program said must be seen by what the preload traces. The number in the key changes with the shape of what is shared.
 */
export function shared<T extends object>(name: string, make: () => T): T {
  const process = globalThis as { [key]?: Record<string, object> };
  process[key] ??= {};
  process[key][name] ??= make();
  return process[key][name] as T;
}
