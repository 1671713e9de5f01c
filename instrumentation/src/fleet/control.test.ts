import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTestKit, type TestKit } from '../testing-kit.ts';
import { type FleetControl, fleetControl } from './control.ts';

let kit: TestKit;
let control: FleetControl;
/** Of the SDK. */
let timersBefore: number;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 26, 9) });
  kit = createTestKit();
  control = fleetControl({ capacity: 250 });
  timersBefore = vi.getTimerCount();
});
afterEach(async () => {
  control.close();
  vi.useRealTimers();
  await kit.stop();
});

/** Whether a promise has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  await vi.advanceTimersByTimeAsync(0);
  return done;
}

const said = () => kit.logs().map(({ attributes, body }) => ({ body, ...attributes }));

test('X04 a paused fleet begins nothing until it is resumed, and says who paused it and why', async () => {
  expect(await settled(control.ready())).toBe(true);
  control.pause({ by: 'incident 7', reason: 'half of the tasks fail' });
  const ready = control.ready();
  expect(control.paused).toBe(true);
  expect(await settled(ready)).toBe(false);
  expect(await kit.points('fleet.paused')).toEqual([{ labels: {}, value: 1 }]);
  control.resume({ by: 'Ada' });
  expect(await settled(ready)).toBe(true);
  expect(await kit.points('fleet.paused')).toEqual([{ labels: {}, value: 0 }]);
  expect(said()).toMatchObject([
    {
      'fleet.control.action': 'pause',
      'fleet.control.by': 'incident 7',
      'fleet.control.reason': 'half of the tasks fail',
      'fleet.control.until': '2026-11-26T10:00:00.000Z',
    },
    { 'fleet.control.action': 'resume', 'fleet.control.by': 'Ada', body: 'By Ada: resume.' },
  ]);
  // Nothing to resume: nothing is said.
  control.resume();
  expect(said()).toHaveLength(2);
});

test('X04 a pause that somebody forgot ends by itself after an hour, and says so', async () => {
  control.pause({ by: 'incident 7' });
  const ready = control.ready();
  await vi.advanceTimersByTimeAsync(3_599_999);
  expect(await settled(ready)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await settled(ready)).toBe(true);
  expect(said().at(-1)).toMatchObject({ 'fleet.control.cause': 'expiry', 'fleet.control.by': 'fleet control' });
  expect(await kit.points('fleet.control.orders')).toEqual([
    { labels: { 'fleet.control.action': 'pause', 'fleet.control.cause': 'order' }, value: 1 },
    { labels: { 'fleet.control.action': 'pause', 'fleet.control.cause': 'expiry' }, value: 1 },
  ]);
});

test('X04 an order that is given again holds for longer; its end may be a moment', async () => {
  control.pause({ forSeconds: 10 });
  await vi.advanceTimersByTimeAsync(9_000);
  control.pause({ until: '2026-11-26T09:01:00Z' });
  await vi.advanceTimersByTimeAsync(50_999);
  expect(control.paused).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  expect(control.paused).toBe(false);
});

test('X04 a clock that is set back makes no pause longer, and one that is set forward none endless', async () => {
  control.pause({ forSeconds: 60 });
  vi.setSystemTime(Date.UTC(2026, 10, 25, 9));
  await vi.advanceTimersByTimeAsync(59_999);
  expect(control.paused).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  expect(control.paused).toBe(false);
  control.throttle(1);
  await control.ready();
  vi.setSystemTime(Date.UTC(2026, 10, 24, 9));
  const ready = control.ready();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await settled(ready)).toBe(true);
  control.pause({ forSeconds: 60 });
  vi.setSystemTime(Date.UTC(2026, 10, 27, 9));
  expect(control.paused).toBe(false);
});

test('X04 who waits for a paused fleet can be called off, and leaves nothing behind', async () => {
  control.pause();
  const abort = new AbortController();
  const ready = control.ready(abort.signal);
  abort.abort(new Error('enough'));
  await expect(ready).rejects.toThrow('enough');
  await expect(control.ready(AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  control.resume();
  expect(vi.getTimerCount()).toBe(timersBefore);
});

test('X04 a throttled fleet begins so many a minute', async () => {
  control.throttle(6);
  let begun = 0;
  for (let count = 0; count < 20; count += 1) void control.ready().then(() => (begun += 1));
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(begun).toBe(7);
  expect(await kit.points('fleet.throttle')).toEqual([{ labels: {}, value: 6 }]);
  // Also for those who wait already.
  control.throttle(60);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(begun).toBe(10);
  control.throttle(null);
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toBe(20);
});

test('X04 capacity is as ordered, and as usual afterwards', async () => {
  expect(control.atOnce).toBe(250);
  const seen: number[] = [];
  const stop = control.onChange(() => seen.push(control.atOnce));
  control.capacity(400, { forSeconds: 60 });
  expect(await kit.points('fleet.capacity')).toEqual([{ labels: {}, value: 400 }]);
  await vi.advanceTimersByTimeAsync(60_000);
  stop();
  control.capacity(3);
  expect(seen).toEqual([400, 250]);
  expect(fleetControl().atOnce).toBe(Number.POSITIVE_INFINITY);
});

test('X04 an open circuit lets nothing through, a half-open one a tenth, a closed one all', async () => {
  expect(control.isOpen('search')).toBe(false);
  control.circuitBreaker('search', 'open', { reason: 'it fails' });
  expect([control.isOpen('search'), control.isOpen('write_file')]).toEqual([true, false]);
  expect(await kit.points('fleet.circuit_breaker.open')).toEqual([
    { labels: { 'fleet.circuit_breaker.name': 'search' }, value: 1 },
  ]);
  control.circuitBreaker('search', 'half-open');
  const passed = Array.from({ length: 20 }, () => !control.isOpen('search'));
  expect(passed.flatMap((through, at) => (through ? [at] : []))).toEqual([0, 10]);
  control.circuitBreaker('search', 'closed');
  expect(control.isOpen('search')).toBe(false);
  expect(await kit.points('fleet.circuit_breaker.open')).toEqual([
    { labels: { 'fleet.circuit_breaker.name': 'search' }, value: 0 },
  ]);
});

test('X04 a fallback stands in until it is taken back', async () => {
  control.fallback('model', 'gpt-4.1-mini');
  expect([control.fallbackFor('model'), control.fallbackFor('gates')]).toEqual(['gpt-4.1-mini', undefined]);
  expect(await kit.points('fleet.fallback.active')).toEqual([{ labels: { 'fleet.fallback.name': 'model' }, value: 1 }]);
  control.fallback('model', null);
  expect(control.fallbackFor('model')).toBeUndefined();
});

test.each([
  ['a capacity of nothing', { action: 'capacity', limit: 0 }, '"limit" is 0. Give a whole number from 1 on, or null.'],
  ['no capacity', { action: 'capacity' }, '"limit" is . Give a whole number from 1 on, or null.'],
  [
    'a throttle that is no number',
    { action: 'throttle', perMinute: '5' },
    '"perMinute" is "5". Give a number above 0, or null.',
  ],
  [
    'a breaker without a name',
    { action: 'circuit-breaker', name: '', state: 'open' },
    '"name" is "". Give up to 200 characters.',
  ],
  [
    'an unknown state',
    { action: 'circuit-breaker', name: 'x', state: 'ajar' },
    '"state" is "ajar". Give open, half-open or closed.',
  ],
  ['a week', { action: 'pause', forSeconds: 604_800 }, '"forSeconds" is 604800. Give a number from 1 to 86400.'],
  ['yesterday', { action: 'pause', until: 0 }, '"until" is 0. Give a moment within the next 24 hours.'],
  [
    'something else',
    { action: 'explode' },
    '"action" is "explode". Give pause, resume, capacity, throttle, circuit-breaker or fallback.',
  ],
])('X04 %s is refused in words, and changes nothing', (_, order, words) => {
  expect(control.order(order as never)).toBe(words);
  expect(control.orders()).toEqual([]);
  expect(kit.logs()).toEqual([]);
});

test('X04 the calls of a host never throw, whatever they are given', () => {
  const angry = new Proxy(
    {},
    {
      get: () => {
        throw new Error('angry');
      },
    },
  ) as never;
  for (const odd of [angry, null, 7, Symbol('x'), { by: angry }] as never[]) {
    control.pause(odd);
    control.capacity(odd, odd);
    control.throttle(odd);
    control.circuitBreaker(odd, odd);
    control.fallback(odd, odd);
    control.order(odd);
    control.resume(odd);
    control.isOpen(odd);
    control.fallbackFor(odd);
  }
  expect(
    control.onChange(() => {
      throw new Error('a listener');
    }),
  ).toBeTypeOf('function');
  control.pause();
  expect(control.paused).toBe(true);
});

test('X04 breakers and fallbacks are bounded, so that made-up names fill no memory', () => {
  for (let count = 0; count < 300; count += 1) control.circuitBreaker(`tool-${count}`, 'open');
  expect(control.orders()).toHaveLength(200);
  expect(control.order({ action: 'fallback', name: 'model', module: 'x' })).toMatch(/^200 orders hold already/);
  // A pause always finds its place.
  expect(control.order({ action: 'pause' })).toBeUndefined();
  control.resume();
  // One that holds may still be changed, or taken back.
  expect(control.order({ action: 'circuit-breaker', name: 'tool-1', state: 'closed' })).toBeUndefined();
  expect(control.orders()).toHaveLength(199);
});

test('X04 a closed control holds nobody', async () => {
  control.pause();
  const ready = control.ready();
  control.close();
  expect(await settled(ready)).toBe(true);
  expect(vi.getTimerCount()).toBe(timersBefore);
});
