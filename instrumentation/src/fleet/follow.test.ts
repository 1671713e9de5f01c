import { PassThrough, Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { workflow } from '../fleet.ts';
import { createTestKit } from '../testing-kit.ts';
import { follow } from './follow.ts';
import type { End } from './follower.ts';

const kit = createTestKit();
afterAll(() => kit.stop());

const well = { failed: false, complete: true };
const stopped = { failed: false, complete: false };
const boom = new Error('boom');
const failed = { error: boom, failed: true, complete: false };

/** Follows, and writes down every end and item. */
function watch<T>(result: T) {
  const ends: End[] = [];
  const items: unknown[] = [];
  const followed = follow(result, {
    inside: (part) => part(),
    onValue: (value) => items.push(value),
    onItem: (item) => items.push(item),
    onEnd: (end) => {
      ends.push(end);
      throw new Error('a fault of ours');
    },
  });
  return { followed, ends, items };
}

test('S03 a plain value ends at once, a promise when it settles, and both are what they were', async () => {
  const value = { plain: true };
  const plain = watch(value);
  expect(plain.followed).toBe(value);
  expect([plain.ends, plain.items]).toEqual([[well], [value]]);
  const { promise, resolve } = Promise.withResolvers<object>();
  const later = watch(Object.assign(promise, { cancel: () => 'cancelled' }));
  await turn();
  expect(later.ends).toEqual([]);
  expect(later.followed.cancel()).toBe('cancelled');
  resolve(value);
  expect(await later.followed).toBe(value);
  expect([later.ends, later.items]).toEqual([[well], [value]]);
  const rejected = watch(Promise.reject(boom));
  await expect(rejected.followed).rejects.toBe(boom);
  expect(rejected.ends).toEqual([failed]);
});

test('S03 a promise of another class stays itself, and a lazy one stays lazy', async () => {
  class Rich<T> extends Promise<T> {
    raw = () => 'raw';
  }
  const rich = new Rich<number>((resolve) => resolve(1));
  const seen = watch(rich);
  expect(seen.followed).toBe(rich);
  expect(seen.followed.raw()).toBe('raw');
  expect([await seen.followed, await seen.followed.then((one) => one + 1)]).toEqual([1, 2]);
  expect(await seen.followed.finally(() => {})).toBe(1);
  expect([seen.ends, seen.items[0]]).toEqual([[well], 1]);

  let queries = 0;
  // biome-ignore lint/suspicious/noThenProperty: a query builder has one
  const builder = { where: () => builder, then: (...on: Parameters<Promise<string>['then']>) => ask().then(...on) };
  const ask = async () => `rows of ${++queries}`;
  const query = watch(builder);
  expect(query.followed).toBe(builder);
  await turn();
  expect([queries, query.ends]).toEqual([0, []]);
  expect(await query.followed.where()).toBe('rows of 1');
  expect([queries, query.ends]).toEqual([1, [well]]);
  // Again, and it asks again: as it would without us.
  expect(await query.followed).toBe('rows of 2');
  expect(query.ends).toEqual([well]);

  // biome-ignore lint/suspicious/noThenProperty: as above
  const broken = watch({ then: (_: unknown, no: (error: unknown) => void) => no(boom) });
  await expect(Promise.resolve(broken.followed)).rejects.toBe(boom);
  expect(broken.ends).toEqual([failed]);
});

async function* three(fails = false) {
  yield 1;
  yield 2;
  if (fails) throw boom;
  yield 3;
}

async function read(stream: AsyncIterable<unknown>, most = Number.POSITIVE_INFINITY) {
  const items: unknown[] = [];
  for await (const item of stream) {
    items.push(item);
    if (items.length === most) break;
  }
  return items;
}

/** The same three items as a stream of each kind. */
const kinds: [kind: string, make: (fails?: boolean) => AsyncIterable<unknown>][] = [
  ['generator', three],
  ['iterable', (fails) => ({ [Symbol.asyncIterator]: () => three(fails) })],
  ['Node stream', (fails) => Readable.from(three(fails))],
  ['web stream', (fails) => ReadableStream.from(three(fails))],
];

test.each(kinds)(
  'S03 every %s is the same object and ends with its last item, its error, or its reader',
  async (_, make) => {
    const stream = make();
    const whole = watch(stream);
    expect(whole.followed).toBe(stream);
    await turn();
    expect([whole.ends, whole.items]).toEqual([[], []]);
    expect(await read(whole.followed)).toEqual([1, 2, 3]);
    expect([whole.ends, whole.items]).toEqual([[well], [1, 2, 3]]);

    const left = watch(make());
    expect(await read(left.followed, 2)).toEqual([1, 2]);
    await turn();
    expect(left.ends).toEqual([stopped]);

    const broken = watch(make(true));
    await expect(read(broken.followed)).rejects.toBe(boom);
    await turn();
    expect(broken.ends).toEqual([failed]);

    const promised = watch(Promise.resolve(make()));
    const opened = await promised.followed;
    expect(promised.ends).toEqual([]);
    // Its iterator is one to iterate over, as before.
    const iterator = opened[Symbol.asyncIterator]() as AsyncIterableIterator<unknown>;
    expect(await read(iterator)).toEqual([1, 2, 3]);
    expect(promised.ends).toEqual([well]);
  },
);

test('S03 a Node stream ends when it is piped or destroyed, too, and is left alone otherwise', async () => {
  const piped = watch(Readable.from(['a', 'b']));
  const target = new PassThrough();
  await Promise.all([pipeline(piped.followed, target), target.resume()]);
  expect(piped.ends).toEqual([well]);
  const silent = watch(new Readable({ emitClose: false, read: () => {} }));
  silent.followed.push(null);
  silent.followed.resume();
  await finished(silent.followed);
  expect(silent.ends).toEqual([well]);

  const destroyed = watch(new PassThrough());
  destroyed.followed.destroy();
  await turn();
  expect(destroyed.ends).toEqual([stopped]);
  const failing = watch(new PassThrough());
  expect(failing.followed.listenerCount('error')).toBe(0);
  failing.followed.once('error', () => {});
  failing.followed.destroy(boom);
  await turn();
  expect(failing.ends).toEqual([failed]);
  // However many calls hand it on, it has one listener of ours, and Node does not warn of a leak.
  const shared = new PassThrough();
  const followers = Array.from({ length: 12 }, () => watch(shared));
  expect(shared.listenerCount('close')).toBe(1);
  shared.destroy();
  await turn();
  expect(followers.map(({ ends }) => ends)).toEqual(followers.map(() => [stopped]));
});

test('S03 a web stream ends in whichever way it is read', async () => {
  const make = () => watch(ReadableStream.from(three()));
  const ways: [way: string, read: (stream: ReadableStream) => unknown, end: End, items: number][] = [
    ['values', (stream) => read(stream.values({ preventCancel: true })), well, 3],
    ['pipeTo', (stream) => stream.pipeTo(new WritableStream()), well, 0],
    ['pipeThrough', (stream) => read(stream.pipeThrough(new TransformStream())), well, 3],
    ['tee', async (stream) => Promise.all(stream.tee().map((branch) => read(branch))), well, 3],
    ['cancel', (stream) => stream.cancel(), stopped, 0],
    ['Readable.fromWeb', (stream) => read(Readable.fromWeb(stream as never, { objectMode: true })), well, 3],
    ['reader.cancel', (stream) => stream.getReader().cancel(), stopped, 0],
    ['Response', (stream) => new Response(stream.pipeThrough(encoder())).text(), well, 3],
  ];
  for (const [way, use, end, items] of ways) {
    const seen = make();
    expect(seen.ends, way).toEqual([]);
    await use(seen.followed);
    expect(seen.ends, way).toEqual([end]);
    expect(seen.items.length, way).toBeGreaterThanOrEqual(items);
  }
  // A lock given back is no end: another reader goes on.
  const shared = make();
  const first = shared.followed.getReader();
  expect(await first.read()).toEqual({ done: false, value: 1 });
  first.releaseLock();
  await turn();
  expect(shared.ends).toEqual([]);
  expect(await read(shared.followed)).toEqual([2, 3]);
  expect([shared.ends, shared.items]).toEqual([[well], [1, 2, 3]]);
  const broken = watch(ReadableStream.from(three(true)));
  await expect(broken.followed.pipeTo(new WritableStream())).rejects.toBe(boom);
  expect(broken.ends).toEqual([failed]);
});

function encoder() {
  return new TransformStream({ transform: (item, out) => out.enqueue(new TextEncoder().encode(`${item}`)) });
}

test('S03 what cannot be watched is handed on, and counts as ended', async () => {
  const frozen = Object.freeze(three());
  const seen = watch(frozen);
  expect(seen.followed).toBe(frozen);
  expect(seen.ends).toEqual([well]);
  expect(await read(seen.followed)).toEqual([1, 2, 3]);
  // biome-ignore lint/suspicious/noThenProperty: a thenable that cannot be changed
  const thenable = Object.freeze({ then: (on: (value: string) => void) => on('done') });
  expect([await watch(thenable).followed, watch(thenable).ends]).toEqual(['done', [well]]);
  const touchy = new Proxy(
    {},
    {
      get() {
        throw boom;
      },
    },
  );
  expect([watch(touchy).followed === touchy, watch(touchy).ends]).toEqual([true, [well]]);
  const remote = new Proxy(Promise.resolve(1), {
    get: (promise, name) => (name === 'then' ? promise.then.bind(promise) : 'a remote method'),
  });
  expect(watch(remote).followed).toBe(remote);
});

test('S01 a stream that is thrown away unread gives its place back, and one that is still read keeps it', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const active = async (name: string) =>
    (await kit.points('workflows.active')).find(({ labels }) => labels['workflow.name'] === name)?.value;
  const ended = (name: string) => kit.spans().filter(({ attributes }) => attributes['workflow.name'] === name).length;
  (() => {
    // The function itself holds on to its stream, as functions do.
    const stream = three();
    workflow({ name: 'forgotten' }, () => stream);
    workflow({ name: 'never awaited' }, () => Object.assign(three(), { of: 'a wrapper' }));
  })();
  // Of this one only the iterator is left, which does not know of it.
  const kept = workflow({ name: 'kept' }, () => ({ [Symbol.asyncIterator]: () => three() }))[Symbol.asyncIterator]();
  expect(await Promise.all(['forgotten', 'kept'].map(active))).toEqual([1, 1]);
  for (let times = 0; times < 20 && ended('forgotten') === 0; times++) {
    collect();
    await turn();
  }
  expect(await Promise.all(['forgotten', 'never awaited', 'kept'].map(active))).toEqual([0, 0, 1]);
  expect(['forgotten', 'never awaited', 'kept'].map(ended)).toEqual([1, 1, 0]);
  expect(await read(kept)).toEqual([1, 2, 3]);
  expect([await active('kept'), ended('kept')]).toEqual([0, 1]);
});
