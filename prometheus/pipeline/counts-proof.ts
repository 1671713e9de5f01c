import type { Answer } from '../kit/record.ts';
import { grows, type SeriesOf, stays, type World } from '../kit/world.ts';

/** A counter, and the labels under which the recording counts it. */
interface Counted {
  readonly of: SeriesOf;
  readonly answers: Readonly<Record<string, string>>;
}

/** Each counter of several is counted, apart from the others, for as long as its window. */
export function countsGrowth(
  counted: readonly Counted[],
  { window, perMinute }: { window: number; perMinute: number },
): Answer[] {
  const all = at(counted, (of, nth) => grows(of, 60 * nth));
  return [
    { title: 'counts each by itself', world: all, answers: answered(counted, (nth) => 60 * nth * perMinute) },
    {
      title: 'forgets what is older than its window',
      after: [[all, 10]],
      world: at(counted, (of) => grows(of, 0)),
      atMinute: window,
      answers: answered(counted, () => 0),
    },
  ];
}

/** The same with what a counter is born with, in minutes. */
export function countsAdded(counted: readonly Counted[], window: number): Answer[] {
  const all = at(counted, (of, nth) => grows(of, 60 * nth));
  const born = at(counted, (of, nth) => grows(of, 0, 7 * nth));
  return [
    {
      title: 'counts each by itself, in its window',
      after: [[at(counted, (of) => grows(of, 600)), 10]],
      world: all,
      atMinute: window,
      answers: answered(counted, (nth) => 60 * nth * window),
    },
    {
      title: 'counts what a counter begins with',
      world: born,
      atMinute: 2,
      answers: answered(counted, (nth) => 7 * nth),
    },
    { title: 'counts nothing of what has ended', after: [[all, 10]], world: [], atMinute: window + 1, answers: [] },
    {
      title: 'counts anew what was not seen for over an hour',
      after: [
        [born, 10],
        [[], 100],
      ],
      world: born,
      atMinute: 2,
      answers: answered(counted, (nth) => 7 * nth),
    },
    {
      title: 'counts nothing once its window is past a reset',
      after: [[all, 10]],
      world: at(counted, (of) => stays(of, 1)),
      atMinute: window + 1,
      answers: answered(counted, () => 0),
    },
  ];
}

function at(counted: readonly Counted[], world: (of: SeriesOf, nth: number) => World): World {
  return counted.flatMap(({ of }, index) => world(of, index + 1));
}

function answered(counted: readonly Counted[], value: (nth: number) => number) {
  return counted.map(({ answers }, index) => ({ labels: answers, value: value(index + 1) }));
}
