import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { columns, reporter } from './progress.ts';

function stream(isTTY: boolean) {
  const written: string[] = [];
  const writable = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { written, stream: Object.assign(writable, { isTTY, columns: 60 }) as unknown as NodeJS.WriteStream };
}

test('P02 off a terminal a build tells each step once, then every 15 s', () => {
  let now = 0;
  const { written, stream: plain } = stream(false);
  const progress = reporter(plain, () => now).build('loki');
  progress('download', 'a');
  progress('compile', '1 packages');
  progress('compile', '2 packages');
  now = 16_000;
  progress('compile', '900 packages');
  expect(written).toEqual([
    'Loki: download a (0 s)\n',
    'Loki: compile 1 packages (0 s)\n',
    'Loki: compile 900 packages (16 s)\n',
  ]);
});

test('P02 on a terminal one line is rewritten, and a full line takes its place', () => {
  const { written, stream: terminal } = stream(true);
  const report = reporter(terminal, () => 0);
  report.build('loki')('compile', '1 packages');
  report.line('Loki 3.7.8 (build)');
  const rewrite = '\r\x1b[2K';
  expect(written[0]).toContain(`${rewrite}`);
  expect(written[0]).toContain('compile 1 packages');
  expect(written[1]).toBe(`${rewrite}Loki 3.7.8 (build)\n`);
});

test('P02 columns are as wide as their widest cell, colours not counted', () => {
  expect(
    columns([
      ['a', 'b'],
      ['\x1b[31mlong\x1b[39m', 'c'],
    ]),
  ).toBe('a     b\n\x1b[31mlong\x1b[39m  c');
});
