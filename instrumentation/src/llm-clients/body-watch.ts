import { guard, replace } from '../fleet/guard.ts';

/** Who is told what a program reads of a response's body. Nothing is told twice, or after `end`. */
export interface BodyListener {
  /** A part, as it was read. */
  part(part: string | Uint8Array): void;
  /** All of it, parsed by the program itself. */
  parsed(value: unknown): void;
  end(how: BodyEnd): void;
}

/** Read to its end; broken off by an error; or left by its reader. */
export type BodyEnd = { kind: 'whole' } | { kind: 'broken'; error: unknown } | { kind: 'left' };

const unread = new FinalizationRegistry<() => void>((tell) => tell());

/**
 * Watches a response while the program reads it, whichever way it does: `text()`, `json()`, a reader, `for await`, a
 * pipe. Reads nothing itself, so that nothing is read twice, too early or at all. The response and its body stay the
 * objects they are; only their reading methods are stood in for, on these two objects. A body that becomes garbage
 * unread counts as left.
 */
export function watchBody(response: Response, listener: BodyListener): void {
  const { body } = response;
  if (!body) {
    listener.end({ kind: 'whole' });
    return;
  }
  const watch = new Watch(listener);
  for (const name of ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'] as const) {
    const read = response[name] as Method | undefined;
    if (typeof read !== 'function') continue;
    replace(response, name, (...none: never[]) => {
      watch.takesAll();
      return settled(read.apply(response, none), watch.whole, watch.broken);
    });
  }
  watchStream(body, watch);
  // The listener must not hold on to the body: only the body, and who reads it, hold on to the listener.
  unread.register(body, watch.left);
}

class Watch {
  readonly #listener: BodyListener;
  #isOpen = true;
  #takesAll = false;

  constructor(listener: BodyListener) {
    this.#listener = listener;
  }

  /** The body is read at once: the parts that this is made of are not told as well. */
  takesAll(): void {
    this.#takesAll = true;
  }

  readonly whole = <V>(value: V): V => {
    this.#tell(() => {
      if (typeof value === 'string' || value instanceof Uint8Array) this.#listener.part(value);
      else if (value instanceof ArrayBuffer) this.#listener.part(new Uint8Array(value));
      else if (!(value instanceof Blob)) this.#listener.parsed(value);
    });
    this.#end({ kind: 'whole' });
    return value;
  };

  readonly step = <R extends { done?: boolean; value?: unknown }>(result: R): R => {
    if (this.#takesAll) return result;
    const value = result?.value;
    if (typeof value === 'string' || value instanceof Uint8Array) this.#tell(() => this.#listener.part(value));
    if (result?.done) this.#end({ kind: 'whole' });
    return result;
  };

  readonly broken = (error: unknown): never => {
    this.#end({ kind: 'broken', error });
    throw error;
  };

  readonly left = (): void => this.#end({ kind: 'left' });

  #tell(what: () => void): void {
    if (this.#isOpen) guard(what);
  }

  #end(how: BodyEnd): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    guard(() => this.#listener.end(how));
  }
}

type Method = (...values: never[]) => unknown;

/** The promise that goes out is the watched one: whether its rejection is handled remains the program's business. */
function settled(result: unknown, onValue: (value: never) => unknown, onError: (error: unknown) => never): unknown {
  const isPromise = typeof (result as Partial<Promise<unknown>> | undefined)?.then === 'function';
  return isPromise ? (result as Promise<never>).then(onValue, onError) : result;
}

function watchStream(body: ReadableStream<Uint8Array>, watch: Watch): void {
  const { asyncIterator } = Symbol;
  const own = (name: PropertyKey, make: (method: Method) => Method) => {
    const method = (body as unknown as Record<PropertyKey, unknown>)[name];
    if (typeof method === 'function') replace(body, name, make(method.bind(body) as Method));
  };
  own(
    'getReader',
    (getReader) =>
      (...options) =>
        watchSteps(getReader(...options) as object, watch),
  );
  for (const name of ['values', asyncIterator] as const) {
    own(
      name,
      (iterate) =>
        (...options) =>
          watchSteps(iterate(...options) as object, watch),
    );
  }
  own('cancel', (cancel) => (...reason) => {
    watch.left();
    return cancel(...reason);
  });
  // These read inside Node, past every method: they get a stream that is watched on its way.
  const pipe = body.pipeThrough?.bind(body);
  for (const name of ['pipeThrough', 'pipeTo', 'tee'] as const) {
    own(name, () => (...values) => {
      const onItsWay = pipe(passing(watch)) as unknown as Record<typeof name, Method>;
      return onItsWay[name](...values);
    });
  }
}

/** A reader, or an iterator: they step alike, and end by another name. */
function watchSteps(steps: object, watch: Watch): object {
  for (const name of ['read', 'next'] as const) {
    const step = (steps as Record<typeof name, Method | undefined>)[name]?.bind(steps);
    if (!step) continue;
    replace(steps, name, (...values: never[]) => settled(step(...values), watch.step, watch.broken));
  }
  for (const name of ['cancel', 'return'] as const) {
    const stop = (steps as Record<typeof name, Method | undefined>)[name]?.bind(steps);
    if (!stop) continue;
    replace(steps, name, (...values: never[]) => {
      watch.left();
      return stop(...values);
    });
  }
  return steps;
}

/** Lets everything through at the pace it is asked for. */
function passing(watch: Watch): TransformStream<Uint8Array, Uint8Array> {
  const transformer = {
    transform(part: Uint8Array, onwards: TransformStreamDefaultController<Uint8Array>) {
      watch.step({ done: false, value: part });
      onwards.enqueue(part);
    },
    flush() {
      watch.step({ done: true });
    },
    cancel: watch.left,
  };
  return new TransformStream(transformer, { highWaterMark: 1 }, { highWaterMark: 0 });
}
