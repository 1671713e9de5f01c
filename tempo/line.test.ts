import { expect, test } from 'vitest';
import { parts } from '../stack.ts';
import { tempoLine } from './line.ts';

test('P02 the Tempo that is shipped and the one that is built have a line; of another nothing is guessed', () => {
  const shipped = parts.tempo.image.split(':').at(-1) as string;
  expect([tempoLine(shipped), tempoLine(`v${shipped}`), tempoLine(parts.tempo.native.release)]).toEqual([
    '3.0',
    '3.0',
    '2.8',
  ]);
  expect(() => tempoLine('2.80.1')).toThrow(/Cannot configure Tempo 2\.80\.1: .* Use one of 3\.0, 2\.8\./);
});
