/** How many events there were in a window: what shares are made of, recorded and proved once. */
import type { Label } from '../../instrumentation/src/catalog/attribute.ts';
import type { Metric as Declared } from '../../instrumentation/src/catalog/metric.ts';
import { prometheusLabel } from '../../instrumentation/src/catalog/prometheus-name.ts';
import { promql, type Query } from '../../queries/promql.ts';
import { added } from './added.ts';
import { type Duration, minutes } from './duration.ts';
import { environment } from './labels.ts';
import { type Answer, type Recording, record } from './record.ts';
import { grows, labelsOf, type SeriesOf } from './world.ts';

interface Counted {
  /** What is counted apart, beside the environment. */
  by?: readonly (Label | string)[];
  within: Duration;
  means: string;
  /** A series that is counted, for the proof; and those of the same metric that must not be. */
  like: SeriesOf;
  unlike?: readonly SeriesOf[];
  /** With what a counter is born with: for rare events, and for windows too short for a rate. */
  exactly?: boolean;
}

/** `counted('module:delegations:added1m', promql`…{status!="cancelled"}`, …)`: by environment and `by`. */
export function counted(name: string, events: Declared | Query, { by = [], means, ...rest }: Counted): Recording {
  const { within, exactly } = rest;
  const kept = [environment, ...by.map((label) => (typeof label === 'string' ? label : prometheusLabel(label.name)))];
  const grown = exactly ? added(events, within) : promql`increase(${events}[${within}])`;
  const query = promql`sum by (${kept.join(', ')}) (${grown})`;
  return record(name, query, `${means} in ${within}`, countedProof(kept, rest));
}

/** What such a recording answers, for one that makes more of its events than a sum: `each` of them counts so much. */
export function countedProof(
  kept: readonly string[],
  { within, like, unlike = [], exactly }: Omit<Counted, 'means' | 'by'>,
  each = 1,
): Answer[] {
  const window = minutes(within);
  const answers = (value: number) => [{ labels: labelsOf(like, kept), value: value * each }];
  const steady: Answer = {
    title: 'counts what it should, in its window',
    after: [[grows(like, 600), 10]],
    world: [...grows(like, 60), ...unlike.flatMap((of) => grows(of, 6000))],
    atMinute: window,
    answers: answers(60 * window),
  };
  const all: Answer[] = !exactly
    ? [steady]
    : [
        steady,
        { title: 'counts what is there at the first look', world: grows(like, 0, 7), atMinute: 0, answers: answers(7) },
        {
          title: 'counts nothing of a series that has ended',
          after: [[grows(like, 60), 10]],
          world: [],
          atMinute: window + 1,
          answers: [],
        },
        {
          title: 'counts anew what was not seen for over an hour',
          after: [
            [grows(like, 0, 7), 10],
            [[], 100],
          ],
          world: grows(like, 0, 7),
          atMinute: window,
          answers: answers(7),
        },
      ];
  // A day at every scrape is long.
  return window > 60 ? all.map((answer) => ({ ...answer, step: '1m' })) : all;
}
