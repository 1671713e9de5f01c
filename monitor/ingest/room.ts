/** Memory that senders share, in bytes: that of all bodies which are being worked on. */
export class Room {
  readonly #most: number;
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** For one request, which has come. Undefined: there is no room. What is larger than all of it is let in when nothing else is. */
  enter(bytes: number): Guest | undefined {
    let held = 0;
    let users = 1;
    const hold = (bytes: number) => {
      const others = this.#held - held;
      if (users === 0 || (others > 0 && others + bytes > this.#most)) return false;
      this.#held = others + bytes;
      held = bytes;
      return true;
    };
    const leave = () => {
      users--;
      if (users > 0) return;
      this.#held -= held;
      held = 0;
    };
    if (!hold(bytes)) return undefined;
    return {
      hold,
      leave,
      async during(work) {
        if (users === 0) return undefined;
        users++;
        try {
          return await work();
        } finally {
          leave();
        }
      },
    };
  }
}

export interface Guest {
  /** From now on it is so many. @returns false: there is no room, and nothing has changed. */
  hold(bytes: number): boolean;
  /** Its connection is closed: what is not in use is free again. */
  leave(): void;
  /** Keeps what it holds until the work has ended, whether anybody waits for that or not. Undefined: it has left. */
  during<T>(work: () => Promise<T>): Promise<T | undefined>;
}
