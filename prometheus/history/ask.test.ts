import { expect, test } from 'vitest';
import { chunks } from './ask.ts';

test('B08 thirty days at 15 s are asked in parts that Prometheus answers, each moment once', () => {
  const [from, to, step] = [1_000_005, 1_000_005 + 30 * 86_400, 15];
  const parts = chunks({ from, to, step });
  expect(parts.every((part) => (part.to - part.from) / step < 11_000)).toBe(true);
  const asked = parts.flatMap((part) =>
    Array.from({ length: (part.to - part.from) / step + 1 }, (_, at) => part.from + at * step),
  );
  expect(asked).toEqual(Array.from({ length: (to - from) / step + 1 }, (_, at) => from + at * step));
});

test('B08 a stretch of one moment is asked, an empty one is not', () => {
  expect(chunks({ from: 30, to: 30, step: 15 })).toEqual([{ from: 30, to: 30 }]);
  expect(chunks({ from: 45, to: 30, step: 15 })).toEqual([]);
});
