/** What is usual for somebody: the same agent's own last day is the measure, and one spike does not move it. */
import { promql } from '../../queries/promql.ts';
import { type Duration, minutes } from './duration.ts';
import type { Proof } from './proof.ts';
import { type Recording, record } from './record.ts';
import { grows, type Phase, type SeriesOf } from './world.ts';

/** Points of five minutes that must be known before anything is usual: six hours of them. */
const knownPoints = 72;

/**
 * What `recording` stays below nine times in ten, over the last day; nothing for those known for less than six hours.
 * `within` is the window that it looks at: it is not compared with itself.
 */
export function usual(name: string, recording: Recording, within: Duration): Recording {
  return record(
    name,
    promql`quantile_over_time(0.9, ${recording}[1d:5m] offset ${within}) and count_over_time(${recording}[1d:5m] offset ${within}) >= ${knownPoints}`,
    `${recording.means}: what nine of ten values of the last day stay below`,
  );
}

interface Unusual {
  /** So many times the usual. */
  over: number;
  within: Duration;
  /** Below this it is nothing to talk about. */
  atLeast: number;
  /** What the recording makes of one event in its window. Default 1. */
  each?: number;
}

/** Proves `<recording> > over * <usual> and <recording> >= atLeast`, where the recording adds up a counter in a window. */
export function unusual(of: SeriesOf, { over, within, atLeast, each = 1 }: Unusual): Proof {
  const window = minutes(within);
  const known = 5 * knownPoints + window;
  /** So much of the recording's value, evenly. */
  const at = (value: number) => grows(of, value / each / window);
  const ordinary = atLeast;
  const [beyond, short] = [over * 1.05 * ordinary, over * 0.95 * ordinary];
  const before: Phase = [at(ordinary), known];
  return {
    before: [before],
    bad: at(beyond),
    good: at(short),
    recovered: at(ordinary),
    value: Number(beyond.toPrecision(12)),
    // The window fills with the new and loses the old.
    trueAfter: Math.floor((window * (over - 1)) / (over * 1.05 - 1)) + 1,
    falseAfter: Math.ceil((window * over * 0.05) / (over * 1.05 - 1)),
    settles: window,
    step: '1m',
    also: [
      {
        title: 'is not told below the least',
        phases: [
          [at(1), known],
          [at(atLeast * 0.98), window + 30],
        ],
        told: { notFrom: 0 },
      },
      {
        title: 'is told from the least on',
        phases: [
          [at(1), known],
          [at(atLeast * 1.02), window + 30],
        ],
        told: 'at the end',
      },
      {
        title: 'is not told of a newcomer',
        phases: [
          [at(ordinary), known - 90],
          [at(beyond), 80],
        ],
        told: { notFrom: 0 },
      },
      {
        // Those of the last window but one are already usual, those of the last are not yet.
        title: 'is not told where busy hours are usual',
        phases: [
          [at(ordinary), known],
          [at(2 * ordinary), 50 + window],
          [at(1.8 * over * ordinary), window + 30],
        ],
        told: { notFrom: 0 },
      },
      {
        title: 'is told though there was a spike before',
        phases: [
          [at(ordinary), 60],
          [at(8 * ordinary), 5],
          [at(ordinary), 2 * known],
          [at(beyond), window + 30],
        ],
        told: 'at the end',
      },
    ],
  };
}
