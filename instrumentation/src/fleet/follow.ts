import { types } from 'node:util';
import { followStream, isStream } from './follow-stream.ts';
import { type End, type Follower, failure, well } from './follower.ts';
import { guard, harmless, replace } from './guard.ts';

/**
 * Calls `onEnd` once, when what a function returned has ended: at once for a plain value, when it settles for a promise,
 * at the last item for a stream, also for a promise of a stream. What is returned behaves as before, methods of its own
 * included: a promise of a class of its own and a stream stay the same object, a lazy one stays lazy.
 */
export function follow<T>(result: T, follower: Follower): T {
  const once = new Once(follower);
  try {
    if (isNativePromise(result)) return followPromise(result, once) as T;
    if (isThenable(result)) return followThenable(result, once);
  } catch {
    // It does not like to be looked at: a value as any other.
  }
  return followValue(result, once);
}

function followValue<T>(value: T, follower: Once): T {
  try {
    if (isStream(value)) {
      follower.mayLose(value);
      return followStream(value, follower);
    }
  } catch {
    // As above.
  }
  follower.onValue?.(value);
  follower.onEnd(well);
  return value;
}

/** One more `then`, so that a rejection that nobody handles is still told to the process. */
function followPromise<T>(promise: Promise<T>, follower: Once): Promise<T> {
  const followed = promise.then(
    (value) => followValue(value, follower),
    (error) => {
      follower.onEnd(failure(error));
      throw error;
    },
  );
  // Such as the `cancel` that some put on it.
  for (const name of Object.keys(promise)) {
    guard(() => Object.defineProperty(followed, name, Object.getOwnPropertyDescriptor(promise, name) ?? {}));
  }
  return followed;
}

/** A promise with methods of its own (openai's `.asResponse()`), or one that starts when it is awaited (a query builder). */
function followThenable<T extends PromiseLike<unknown>>(result: T, follower: Once): T {
  const then = result.then;
  const replaced: PromiseLike<unknown>['then'] = (onValue, onError) =>
    follower.inside(() =>
      then.call(
        result,
        (value: unknown) => {
          const followed = followValue(value, follower);
          return onValue ? onValue(followed) : (followed as never);
        },
        (error: unknown) => {
          follower.onEnd(failure(error));
          if (onError) return onError(error);
          throw error;
        },
      ),
    ) as never;
  if (replace(result, 'then', replaced)) follower.mayLose(result);
  else follower.onEnd(well);
  return result;
}

const lost = new FinalizationRegistry<() => void>(guard);

/** A follower that is told of one end, and whose faults stay with it. */
class Once implements Follower {
  readonly inside: Follower['inside'];
  readonly onValue: Follower['onValue'];
  readonly onItem: Follower['onItem'];
  readonly #follower: Follower;
  #ended = false;
  #mayBeLost = false;

  constructor(follower: Follower) {
    const { inside, onValue, onItem } = follower;
    this.inside = inside;
    this.onValue = onValue && harmless(onValue);
    this.onItem = onItem && harmless(onItem);
    this.#follower = follower;
  }

  // A property, because it is passed on.
  readonly onEnd = (end: End): void => {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#mayBeLost) lost.unregister(this);
    guard(() => this.#follower.onEnd(end));
  };

  mayLose(result: object): void {
    const { onLost } = this.#follower;
    if (!onLost || this.#mayBeLost) return;
    this.#mayBeLost = true;
    lost.register(result, onLost, this);
  }
}

/** Not one behind a proxy: that one does only what the proxy does for it. */
function isNativePromise(value: unknown): value is Promise<unknown> {
  return types.isPromise(value) && value.constructor === Promise && !Object.hasOwn(value, 'then');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
