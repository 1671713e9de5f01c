import { expect, test } from 'vitest';
import { bridgeConsole } from './console-bridge.ts';
import { api } from './sdk.ts';

type Copied = { severityNumber: number; severityText: string; body: string; attributes: Record<string, string> };

function bench(emit?: (record: Copied, target: Console) => void) {
  const written: unknown[][] = [];
  const copied: Copied[] = [];
  const target = Object.fromEntries(
    ['debug', 'log', 'info', 'warn', 'error'].map((method) => [
      method,
      (...args: unknown[]) => written.push([method, ...args]),
    ]),
  ) as unknown as Console;
  const logger = {
    emit(record: Copied) {
      copied.push(record);
      emit?.(record, target);
    },
  };
  bridgeConsole(target, logger as never, api.SeverityNumber);
  return { target, written, copied };
}

test('I05 each console method is written unchanged and copied with its severity', () => {
  const { target, written, copied } = bench();
  const given = { a: 1 };
  for (const method of ['debug', 'log', 'info', 'warn', 'error'] as const) target[method]('%s!', method, given);
  expect(written).toEqual(['debug', 'log', 'info', 'warn', 'error'].map((method) => [method, '%s!', method, given]));
  expect(written[0]?.[3]).toBe(given);
  expect(copied.map(({ severityNumber, severityText, body }) => [severityNumber, severityText, body])).toEqual([
    [5, 'debug', 'debug! { a: 1 }'],
    [9, 'log', 'log! { a: 1 }'],
    [9, 'info', 'info! { a: 1 }'],
    [13, 'warn', 'warn! { a: 1 }'],
    [17, 'error', 'error! { a: 1 }'],
  ]);
});

test('I05 a logger that itself logs does not recurse', () => {
  const { target, written, copied } = bench((_, console) => console.warn('from within'));
  target.log('once');
  expect(copied.map(({ body }) => body)).toEqual(['once']);
  expect(written).toEqual([
    ['log', 'once'],
    ['warn', 'from within'],
  ]);
  target.log('again');
  expect(copied.map(({ body }) => body)).toEqual(['once', 'again']);
});

test('I01 a logger that throws is not noticed by the host', () => {
  const { target, written } = bench(() => {
    throw new Error('no');
  });
  expect(() => target.error('x')).not.toThrow();
  expect(written).toEqual([['error', 'x']]);
});

test('I05 circular objects, big integers, symbols and throwing getters are copied or skipped, never fatal', () => {
  const { target, written, copied } = bench();
  const circular: Record<string, unknown> = { big: 1n };
  circular.self = circular;
  const hostile = {
    get x() {
      throw new Error('no');
    },
    toString() {
      throw new Error('neither');
    },
  };
  target.log(circular, Symbol('s'));
  target.log(hostile);
  expect(() => target.log('%s', { toString: hostile.toString, [Symbol.toPrimitive]: hostile.toString })).not.toThrow();
  expect(written).toHaveLength(3);
  expect(copied[0]?.body).toContain('self: [Circular *1]');
});

test('I05 an error among the arguments becomes the exception of the record', () => {
  const { target, copied } = bench();
  const error = new TypeError('broken');
  target.error('while saving', error);
  expect(copied[0]?.attributes).toEqual({
    'exception.type': 'TypeError',
    'exception.message': 'broken',
    'exception.stacktrace': error.stack,
  });
});

test('I04 a body is bounded', () => {
  const { target, copied, written } = bench();
  target.log('x'.repeat(100_000));
  expect(copied[0]?.body).toHaveLength(8192);
  expect(written[0]?.[1]).toHaveLength(100_000);
});
