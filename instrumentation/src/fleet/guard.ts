/** Our own part of the work: whatever goes wrong in it is no business of the host. */
export function guard(work: () => unknown): void {
  try {
    work();
  } catch {
    // Nothing to tell the host; what is missing is seen in the telemetry.
  }
}

/** A callback handed to the host: whatever it is called with, it does not throw. */
export function harmless<Values extends unknown[]>(work: (...values: Values) => void): (...values: Values) => void {
  return (...values) => {
    try {
      work(...values);
    } catch {
      // As above.
    }
  };
}

/** Puts another method in the place of one, for this object alone; `false` where it is frozen. */
export function replace(target: object, name: PropertyKey, value: unknown): boolean {
  try {
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false });
    return true;
  } catch {
    // It stays as it is, and its end is not seen.
    return false;
  }
}
