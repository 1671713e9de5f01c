import { type Duration, minutes } from './duration.ts';
import { burst, type Proof } from './proof.ts';
import { grows, type SeriesOf } from './world.ts';

/** `burst` of what hardly ever happens: its counter may be seen again after a gap that is longer than `added` looks back. */
export function rare(of: SeriesOf, told: { over: number; within: Duration }): Proof {
  const { also = [], ...proof } = burst(of, told);
  const happened = grows(of, 0, told.over + 1);
  const again = {
    title: 'is told of what is seen again after an hour',
    phases: [
      [happened, 1],
      [[], minutes(told.within) + 65],
      [happened, 3],
    ],
    told: 'at the end',
  } as const;
  return { ...proof, also: [...also, again] };
}
