import { decision } from '@fleetscope/instrumentation';
import type { Fleet } from '../fleet.ts';

interface Question<O extends string> {
  /** What is decided, one of few. */
  name: string;
  /** In words, for the model. */
  about: string;
  options: readonly [O, ...O[]];
}

/** Lets the model choose among options. One it made up is none: then it is the first. */
export function choose<O extends string>(fleet: Fleet, { name, about, options }: Question<O>): Promise<O> {
  fleet.counts.add('decisions', name);
  return decision({ name, alternatives: options }, async (deciding) => {
    const { choice, confidence, reasoning } = await fleet.models.ask(
      'decision',
      `${about}\noptions: ${options.join(' | ')}`,
    );
    const known = options.find((option) => option === choice) ?? options[0];
    return deciding.choose(known, { reasoning, confidence });
  });
}
