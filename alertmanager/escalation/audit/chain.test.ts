import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { entry } from '../store/some-incident.ts';
import { canonical, chained, entryOf, noHead } from './chain.ts';

test.each([
  [
    'keys are sorted, at every depth',
    { b: 1, a: { d: [2, { f: 1, e: 2 }], c: 3 } },
    '{"a":{"c":3,"d":[2,{"e":2,"f":1}]},"b":1}',
  ],
  // The example of RFC 8785, 3.2.3: by UTF-16 code units, not by characters.
  [
    'as the RFC sorts them',
    { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 },
    '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
  ],
  [
    'numbers as the RFC writes them',
    [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0],
    '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
  ],
  ['numbers as keys', { 10: 'b', 9: 'a' }, '{"10":"b","9":"a"}'],
  ['what is undefined is not there', { a: undefined, b: [undefined, Number.NaN] }, '{"b":[null,null]}'],
  ['dates are text', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ['names that mean something to JavaScript', JSON.parse('{"__proto__":{"x":1},"a":2}'), '{"__proto__":{"x":1},"a":2}'],
])('X06 canonical: %s', (_, value, text) => {
  expect(canonical(value)).toBe(text);
});

test('X06 a record follows the one before it, and covers it', () => {
  const first = chained(noHead, entry('a', 1));
  const second = chained(first, entry('a', 2));
  expect(first).toMatchObject({ number: 1, previous: '0'.repeat(64) });
  expect(second).toMatchObject({ number: 2, previous: first.hash });
  const byHand = createHash('sha256')
    .update(`${first.hash}${canonical(entry('a', 2))}`)
    .digest('hex');
  expect(second.hash).toBe(byHand);
  expect(entryOf(second)).toEqual(entry('a', 2));
  expect(chained(noHead, entry('a', 2)).hash).not.toBe(second.hash);
});
