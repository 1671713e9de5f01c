/** How a call ended: what it threw, or whether its stream was read to the end. */
export interface End {
  error?: unknown;
  failed: boolean;
  /** `false`: the reader of a stream stopped before its end. */
  complete: boolean;
}

/** Who is told how the result of a call goes on. */
export interface Follower {
  /** Runs a part of the call, so that what happens inside belongs to it. */
  inside: <T>(part: () => T) => T;
  /** What came back, or what the promise came to, unless it is a stream. */
  onValue?: ((value: unknown) => void) | undefined;
  /** Each item of a stream, as it passes. */
  onItem?: ((item: unknown) => void) | undefined;
  onEnd: (end: End) => void;
  /** The result is garbage, and never ended. Must not reach the result: that would keep it. */
  onLost?: (() => void) | undefined;
}

export const well: End = { failed: false, complete: true };

/** The reader of a stream had enough. */
export const stopped: End = { failed: false, complete: false };

export function failure(error: unknown): End {
  return { error, failed: true, complete: false };
}
