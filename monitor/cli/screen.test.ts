import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { screenOn } from './screen.ts';

function stream(terminal: { columns: number } | undefined, take = true) {
  const written: string[] = [];
  const held: (() => void)[] = [];
  const writable = new Writable({
    highWaterMark: 8,
    write(chunk, _, done) {
      written.push(String(chunk));
      if (take) done();
      else held.push(done);
    },
  });
  return { written, held, stream: Object.assign(writable, { isTTY: terminal !== undefined, ...terminal }) };
}

const columns = (rows: readonly (readonly string[])[]) => rows.map((row) => row.join('  ')).join('\n');

test('R01 tables are columns and colours at a terminal, tabs and plain text elsewhere', () => {
  const rows = [
    ['A', 'B'],
    ['1', '2'],
  ];
  const [there, elsewhere] = [
    screenOn(stream({ columns: 80 }).stream, columns),
    screenOn(stream(undefined).stream, columns),
  ];
  expect([there.table(rows), elsewhere.table(rows)]).toEqual(['A  B\n1  2', 'A\tB\n1\t2']);
  expect(elsewhere.paint('red', 'x')).toBe('x');
  expect([there.width, elsewhere.width]).toEqual([80, Number.POSITIVE_INFINITY]);
});

test('R01 the last column gives way at a narrow terminal, but something is left of it', () => {
  const rows = [
    ['NAME', 'WHAT'],
    ['x', 'a long description'],
  ];
  expect(screenOn(stream({ columns: 16 }).stream, columns).table(rows)).toBe('NAME  WHAT\nx  a long de…');
  expect(screenOn(stream({ columns: 12 }).stream, columns).table(rows)).toBe('NAME  WHAT\nx  a long …');
  expect(screenOn(stream(undefined).stream, columns).table(rows)).toBe('NAME\tWHAT\nx\ta long description');
});

test('R01 writing waits for whoever reads', async () => {
  const slow = stream(undefined, false);
  const screen = screenOn(slow.stream, columns);
  let isDone = false;
  const writing = screen.write('more than eight').then((goesOn) => {
    isDone = true;
    return goesOn;
  });
  for (let i = 0; i < 5; i++) await turn();
  expect(isDone).toBe(false);
  slow.held.shift()?.();
  expect(await writing).toBe(true);
});

test('R01 a reader that has gone ends the writing, and is no error', async () => {
  const closed = stream(undefined, false);
  const screen = screenOn(closed.stream, columns);
  const writing = screen.write('more than eight');
  closed.stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(await writing).toBe(false);
  expect(await screen.write('more')).toBe(false);
});

test('R01 a disk that is full is an error that says so', async () => {
  const full = new Writable({ write: (_, __, done) => done(Object.assign(new Error('full'), { code: 'ENOSPC' })) });
  const screen = screenOn(full, columns);
  await expect(screen.write('text')).rejects.toThrow(
    'Cannot write the answer: ENOSPC. Free space, or write elsewhere.',
  );
  expect(await screen.write('more')).toBe(false);
});
