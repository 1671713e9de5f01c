import { describe, expect, test } from 'vitest';
import { fingerprint, masked } from './fingerprint.ts';

test('B06 a fingerprint is 12 hexadecimal digits, the same everywhere', () => {
  expect(fingerprint({ type: 'TypeError', message: 'x is undefined' })).toBe('dacb4ed82a14');
  expect(fingerprint({})).toMatch(/^[0-9a-f]{12}$/);
});

describe('B06 the same trouble is recognised', () => {
  test.each([
    ['numbers', 'timeout after 3000 ms, attempt 2', 'timeout after 15 ms, attempt 11'],
    ['sizes and versions', 'needs v3.2.1, has 1,024 of 2.5', 'needs v10.0.0, has 7 of 0.1'],
    ['UUIDs', 'no task 2f1c8f0e-4c69-4c55-8f0e-0f5e7d0f6a11', 'no task 9b2b1d3e-aaaa-4c55-8f0e-123456789abc'],
    ['hashes', 'commit 96dec0c8f3 not found', 'commit fa359a8b11aa not found'],
    ['other ids', 'session run-2026-a7f3 is gone', 'session build-0099-zz81 is gone'],
    ['quotes', 'Cannot read "a b" of `x`', 'Cannot read "c" of `yy`'],
    ['single quotes', "ENOENT: open 'a.txt'", "ENOENT: open 'other file.txt'"],
    ['paths', 'cannot open /srv/a/b.txt:3:7', 'cannot open ./data/other.json'],
    ['paths of Windows', 'cannot open C:\\work\\a.txt', 'cannot open D:\\x\\y\\z.txt'],
    ['addresses', 'GET https://a.example/x?y=1 gave 502', 'GET http://b.example:8080/ gave 500'],
    ['people', 'no such user anna@example.org', 'no such user ben@example.com'],
    ['what follows the first line', 'broken\n    at x', 'broken\nmore to say'],
    ['spaces and case', 'Connection  reset by peer', 'connection reset by peer'],
  ])('whatever its %s', (_, one, other) => {
    expect(masked(one.split('\n')[0] as string)).toBe(masked(other.split('\n')[0] as string));
    expect(fingerprint({ type: 'Error', message: one })).toBe(fingerprint({ type: 'Error', message: other }));
  });

  test('whichever line and folder its top frame moved to', () => {
    const frame = (place: string) =>
      `Error: x\n    at node:internal/fs:1:2\n    at async load (${place})\n    at other (/a/c.js:1:1)`;
    const one = fingerprint({ message: 'x', stack: frame('/srv/v1/read.js:10:5') });
    expect(fingerprint({ message: 'x', stack: frame('file:///home/me/read.js:99:1') })).toBe(one);
    expect(fingerprint({ message: frame('/srv/v1/read.js:10:5').slice('Error: '.length) })).toBe(one);
    expect(fingerprint({ message: 'x', stack: 'at async load (/srv/v1/read.js:10:5)' })).toBe(one);
    expect(fingerprint({ message: 'x', stack: frame('/srv/v1/write.js:10:5') })).not.toBe(one);
    expect(fingerprint({ message: 'x' })).not.toBe(one);
    const python = (line: number) => fingerprint({ message: 'x', stack: `File "/app/main.py", line ${line}, in load` });
    expect(python(3)).toBe(python(4));
    expect(python(3)).not.toBe(one);
  });
});

describe('B06 different troubles are told apart', () => {
  test.each([
    ['the words', { message: 'disk full' }, { message: 'out of memory' }],
    ['the type', { type: 'RangeError', message: 'x' }, { type: 'TypeError', message: 'x' }],
    ['type and message', { type: 'a', message: 'b' }, { type: 'ab', message: '' }],
    ['an apostrophe is no quote', { message: "it isn't there, won't come" }, { message: "it isn't here, won't come" }],
    ['words with one digit', { message: 'http2 stream closed' }, { message: 'http3 stream open' }],
  ])('by %s', (_, one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });

  test('a message of a megabyte is cut before it is masked', () => {
    expect(masked(`${'a1'.repeat(500_000)}!`).length).toBeLessThan(3000);
    expect(masked(`${'"/a'.repeat(300_000)}`).length).toBeLessThan(3000);
  });
});
