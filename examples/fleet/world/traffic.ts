import { Random } from '../model-server/random.ts';
import type { Request } from '../requests.ts';
import { signToken } from '../security/tokens.ts';
import { repositories } from './github.ts';

/** What is sent to the fleet's front door. */
export type Sent =
  | { path: '/requests'; body: Request }
  | { path: '/commands'; body: { number: number; line: string }; token: string };

/** Troubles that can be switched on: requests that a healthy fleet does not get. */
export const trafficFaults = ['rogue-package', 'unknown-model'] as const;
export type TrafficFault = (typeof trafficFaults)[number];

/**
 * Who asks for what as the `number`th: pure, so that a seed gives the same traffic again. Every third is a command.
 * What is rare comes by its number, so that all of it is seen within two minutes.
 */
export function sentAs(number: number, seed: number, tokenSecret: string, on: readonly TrafficFault[] = []): Sent {
  const random = new Random(seed ^ 0x5eed, number);
  const subject = `${random.pick(subjects)} ${random.pick(places)}`;
  const kind = random.pick(['feature', 'feature', 'bugfix', 'question'] as const);
  const usual: Request = {
    ...{ number, kind, subject },
    repository: random.pick(repositories),
    trigger: kind === 'bugfix' ? 'webhook' : 'manual',
    complexity: random.pick(['low', 'low', 'medium', 'medium', 'medium', 'high']),
  };
  const rare = rarities.find(({ every, at, only }) => number % every === at && (!only || on.includes(only)));
  if (rare) return { path: '/requests', body: { ...usual, ...rare.request } };
  if (number % 3 !== 0) return { path: '/requests', body: usual };

  const word = { feature: 'implement', bugfix: 'fix', question: 'ask', release: 'release' }[usual.kind];
  const line = `${word} "${subject}" --repository ${usual.repository} --complexity ${usual.complexity}`;
  const claims = { user: random.pick(people), userClass: random.pick(['developer', 'developer', 'lead', 'admin']) };
  const token = signToken(claims, number % 48 === 9 ? 'a forged secret' : tokenSecret);
  return { path: '/commands', body: { number, line }, token };
}

const feature = { kind: 'feature', trigger: 'manual' } as const;

/** The first that fits counts. */
const rarities: { every: number; at: number; only?: TrafficFault; request: Partial<Request> }[] = [
  // A package that reads what is none of its business; models without price, or that do not tell their tokens.
  { every: 20, at: 11, only: 'rogue-package', request: { ...feature, package: 'fast-slug' } },
  { every: 20, at: 13, only: 'unknown-model', request: { ...feature, model: 'house-preview' } },
  { every: 20, at: 17, only: 'unknown-model', request: { ...feature, model: 'house-classic' } },
  // There is no such repository.
  { every: 100, at: 19, request: { ...feature, repository: 'acme/atlantis' } },
  { every: 8, at: 4, request: { kind: 'release', trigger: 'schedule' } },
  { every: 16, at: 7, request: { ...feature, soak: true } },
  { every: 12, at: 2, request: { ...feature, package: 'left-pad' } },
];

const subjects = [
  'slugs of titles',
  'lists in chunks',
  'medians of values',
  'durations as text',
  'groups by key',
  'backoff after failures',
  'a bounded cache',
  'faster search',
  'checks of input',
  'sums by day',
];
const places = ['in the import', 'for the shop', 'on the sign-in form', 'in the report', 'for the index'];
const people = ['ana', 'ben', 'chloe', 'deniz', 'emeka'];
