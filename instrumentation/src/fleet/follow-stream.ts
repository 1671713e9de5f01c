import { type End, type Follower, failure, stopped, well } from './follower.ts';
import { guard, replace } from './guard.ts';

export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function'
  );
}

/**
 * Sees a stream's items and its end, in whichever of its ways it is read, without reading it. It stays the same object.
 * One that is frozen counts as ended: it cannot be watched.
 */
export function followStream<T extends AsyncIterable<unknown>>(stream: T, follower: Follower): T {
  if (isIterator(stream)) {
    if (!followSteps(stream, follower)) follower.onEnd(well);
    return stream;
  }
  const seen = around(stream, Symbol.asyncIterator, (iterate) => followIterators(stream, iterate, follower));
  if (!seen) follower.onEnd(well);
  else if ('getReader' in stream) followWebStream(stream, follower);
  else if ('once' in stream) followNodeStream(stream as unknown as NodeStream, follower);
  return stream;
}

// Who holds on to an iterator alone holds on to its stream as well: that one must not be taken for lost.
const streams = new WeakMap<object, object>();

function followIterators(stream: object, iterate: Method, follower: Follower): Method {
  return (...options) => {
    const iterator = follower.inside(() => iterate(...options));
    guard(() => {
      streams.set(iterator as object, stream);
      followSteps(iterator as object, follower);
    });
    return iterator;
  };
}

/** The same steps, each run inside the call. */
function followSteps(iterator: object, { inside, onItem, onEnd }: Follower): boolean {
  const watch = async (step: unknown) => {
    try {
      const result = (await step) as IteratorResult<unknown>;
      if (result?.done) onEnd(well);
      else onItem?.(result?.value);
      return result;
    } catch (error) {
      onEnd(failure(error));
      throw error;
    }
  };
  around(iterator, 'return', (stop) => (...values) => {
    onEnd(stopped);
    return inside(() => stop(...values));
  });
  around(iterator, 'throw', (raise) => (...errors) => {
    onEnd(failure(errors[0]));
    return inside(() => raise(...errors));
  });
  return around(
    iterator,
    'next',
    (next) =>
      (...values) =>
        watch(inside(() => next(...values))),
  );
}

/** By a reader, through a pipe, in two, or thrown away. */
function followWebStream(stream: object, follower: Follower): void {
  const { inside, onEnd } = follower;
  around(stream, 'values', (values) => followIterators(stream, values, follower));
  around(stream, 'getReader', (getReader) => (...options) => {
    const reader = getReader(...options);
    guard(() => followReader(reader as WebReader, follower));
    return reader;
  });
  around(stream, 'pipeTo', (pipe) => async (...options) => {
    try {
      await inside(() => pipe(...options));
      onEnd(well);
    } catch (error) {
      onEnd(failure(error));
      throw error;
    }
  });
  around(stream, 'pipeThrough', (pipe) => (...options) => {
    const piped = inside(() => pipe(...options)) as AsyncIterable<unknown>;
    guard(() => followStream(piped, follower));
    return piped;
  });
  around(stream, 'tee', (tee) => () => {
    const branches = tee() as AsyncIterable<unknown>[];
    guard(() => {
      for (const branch of branches) followStream(branch, follower);
    });
    return branches;
  });
  around(stream, 'cancel', (cancel) => (...reasons) => {
    if (!(stream as ReadableStream).locked) onEnd(stopped);
    return cancel(...reasons);
  });
}

type WebReader = Pick<ReadableStreamDefaultReader, 'closed'>;

function followReader(reader: WebReader, { inside, onItem, onEnd }: Follower): void {
  let released = false;
  around(reader, 'read', (read) => async (...views) => {
    const result = (await inside(() => read(...views))) as IteratorResult<unknown>;
    if (!result.done) onItem?.(result.value);
    return result;
  });
  around(reader, 'cancel', (cancel) => (...reasons) => {
    onEnd(stopped);
    return cancel(...reasons);
  });
  around(reader, 'releaseLock', (release) => () => {
    release();
    released = true;
  });
  reader.closed.then(
    () => onEnd(well),
    // A lock given back is no end: somebody else may read on.
    (error) => released || onEnd(failure(error)),
  );
}

interface NodeStream {
  once(event: 'end' | 'close', listener: () => void): unknown;
  closed?: boolean;
  errored?: unknown;
  readableEnded?: boolean;
}

const listeners = new WeakMap<object, Follower['onEnd'][]>();

/** One that is piped. No listener for errors: that would swallow one. One listener for all, or Node warns of a leak. */
function followNodeStream(stream: NodeStream, { onEnd }: Follower): void {
  const others = listeners.get(stream);
  if (others) {
    others.push(onEnd);
    return;
  }
  const all = [onEnd];
  const tell = (end: End) => {
    for (const listener of all) listener(end);
  };
  const closed = () => tell(stream.errored ? failure(stream.errored) : stream.readableEnded === false ? stopped : well);
  guard(() => {
    if (stream.closed) return closed();
    listeners.set(stream, all);
    stream.once('end', () => tell(well));
    stream.once('close', closed);
  });
}

type Method = (...values: unknown[]) => unknown;

/** Puts around a method what `wrap` makes of it. `false`: it is frozen, or not there. */
function around(target: object, name: PropertyKey, wrap: (original: Method) => Method): boolean {
  const method = (target as Record<PropertyKey, unknown>)[name];
  if (typeof method !== 'function') return false;
  return replace(
    target,
    name,
    wrap((...values) => Reflect.apply(method, target, values)),
  );
}

function isIterator(stream: object): boolean {
  return typeof (stream as Partial<AsyncIterator<unknown>>).next === 'function';
}
