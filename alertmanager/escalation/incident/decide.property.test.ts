/** What holds whatever happens: random alerts, answers, failures, pauses and clocks. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Severity } from '../../routes.ts';
import { defaultPolicy } from '../policy/default-policy.ts';
import { endOfQuiet } from '../policy/quiet-hours.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { worstFirst } from '../policy/severity.ts';
import { Refused } from './event.ts';
import type { Incident } from './incident.ts';
import { numberOf } from './outbox.ts';
import { type Outcome, Trial } from './testing/trial.ts';

const m = 60_000;
const h = 60 * m;

const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'] as const;
const policies = zones.map((timeZone) =>
  readPolicy(
    JSON.stringify({
      ...defaultPolicy,
      people: { anna: { email: 'a@example.org' }, ben: { email: 'b@example.org', contacts: { pagerduty: 'PB' } } },
      teams: {
        ...defaultPolicy.teams,
        fleet: {
          levels: { L1: { people: ['anna', 'ben'], days: 1, from: '2026-01-05T09:00' }, L3: { people: ['ben'] } },
          quietHours: { from: '22:00', to: '07:00', days: ['sunday'], timeZone },
        },
      },
    }),
    'policy.json',
  ),
);

/** Around both changes of the clock, of every zone above. */
const begun = fc
  .tuple(
    fc.constantFrom('2026-03-07', '2026-03-28', '2026-04-04', '2026-10-03', '2026-10-24', '2026-10-31'),
    fc.nat(60 * 36),
  )
  .map(([day, minutes]) => Date.parse(`${day}T12:00:00Z`) + minutes * m);

const severity = fc.constantFrom<Severity>('info', 'warning', 'high', 'critical');
const fingerprints = fc.subarray(['a', 'b', 'c'], { minLength: 1 });
const outcome = fc.constantFrom<Outcome>('sent', 'sent', 'sent', 'failed', 'later', 'lost');

/** Plain data: a counterexample is to be read. */
type Act =
  | { readonly pass: number }
  | { readonly fire: Severity; readonly those: string[] }
  | { readonly end: string[] }
  | { readonly answer: 'acknowledge' | 'resolve' }
  | { readonly snooze: number };

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 8 * 60 }) }) },
  { weight: 2, arbitrary: fc.record({ fire: severity, those: fingerprints }) },
  { weight: 1, arbitrary: fc.record({ end: fingerprints }) },
  { weight: 1, arbitrary: fc.record({ answer: fc.constantFrom('acknowledge' as const, 'resolve' as const) }) },
  { weight: 1, arbitrary: fc.record({ snooze: fc.integer({ min: 1, max: 300 }) }) },
);

const who = { by: 'anna', via: 'api' } as const;

function run(trial: Trial, act: Act): void {
  try {
    if ('pass' in act) trial.passes(act.pass * m);
    else if ('fire' in act) trial.fires(act.fire, ...act.those);
    else if ('end' in act) trial.ends('info', ...act.end);
    else if ('answer' in act) trial.happens({ kind: act.answer, ...who });
    else trial.happens({ kind: 'snooze', until: trial.now + act.snooze * m, ...who });
  } catch (error) {
    // What could not be done is no harm: nothing has changed.
    if (!(error instanceof Refused)) throw error;
  }
}

interface Story {
  readonly zone: number;
  readonly begun: number;
  readonly outcomes: readonly Outcome[];
  readonly acts: readonly Act[];
}

const story: fc.Arbitrary<Story> = fc.record({
  zone: fc.nat(zones.length - 1),
  begun,
  outcomes: fc.array(outcome, { minLength: 1, maxLength: 12 }),
  acts: fc.tuple(severity, fc.array(acts, { maxLength: 14 })).map(([fire, rest]) => [{ fire, those: ['a'] }, ...rest]),
});

function trialOf({ zone, begun, outcomes }: Story): Trial {
  const trial = new Trial(policies[zone] as (typeof policies)[number], begun);
  let next = 0;
  // The log is on this machine: it does not fail. Nothing is tried for ever.
  trial.outcome = ({ channel, message, attempts }) => {
    if (channel === 'log') return 'sent';
    // That it is over is tried for long (dispatch/backoff.ts).
    if (attempts >= 3) return message === 'resolved' ? 'sent' : 'failed';
    const each = outcomes[next++ % outcomes.length] as Outcome;
    return each === 'failed' && message === 'resolved' ? 'later' : each;
  };
  return trial;
}

function holds(check: (story: Story, trial: Trial) => void): void {
  fc.assert(
    fc.property(story, (each) => check(each, trialOf(each))),
    { numRuns: runs },
  );
}

const runs = 60;

function play({ acts }: Story, trial: Trial, watch: Trial['watch']): Trial {
  trial.watch = watch;
  for (const act of acts) run(trial, act);
  return trial;
}

/** Steps that were begun by a decision, by their deliveries or by what is written down. */
function stepsTaken({ journal }: Incident) {
  return journal.filter(({ what }) => what === 'step taken' || what === 'nobody to tell');
}

describe('X05 whatever happens', () => {
  test('an incident that nobody has answered is never silent: something is sent, or will be', () => {
    holds((story, trial) => {
      play(story, trial, (after) => {
        if (after.state !== 'open') return;
        expect(after.dueAt).not.toBeNull();
        const { repeatMs = 0, respectsQuietHours } = trial.policy.severities[after.severity];
        // Waking hours are fifteen a day, and none on a Sunday.
        expect((after.dueAt as number) - trial.now).toBeLessThanOrEqual(respectsQuietHours ? 4 * 24 * h : repeatMs);
      });
      // And if still nobody does, somebody has heard of it in the end.
      const heard = () =>
        trial.incident.deliveries.some(({ message, state }) => message === 'alert' && state === 'sent');
      for (let hours = 0; hours < 72 && trial.incident.state === 'open' && !heard(); hours += 4) trial.passes(4 * h);
      if (trial.incident.state === 'open') expect(heard()).toBe(true);
    });
  });

  test('no step comes before its time, unless the one before it has failed for good', () => {
    holds((story, trial) => {
      play(story, trial, (after, before) => {
        for (const { data } of stepsTaken(after)) {
          const { step, severity } = data as { step: number | string; severity: Severity };
          if (typeof step !== 'number' || after.severity !== severity) continue;
          const { afterMs, evenAcknowledged } = trial.policy.severities[severity].steps[step] ?? { afterMs: 0 };
          const since = evenAcknowledged ? after.ladder.severitySince : after.ladder.startedAt;
          const failed = before?.deliveries
            .filter(({ message }) => message === 'alert')
            .some(({ state }) => state !== 'sent');
          if (!failed && !after.deliveries.some(({ state }) => state === 'failed'))
            expect(trial.now - (since ?? 0)).toBeGreaterThanOrEqual(afterMs);
        }
      });
    });
  });

  test('a ladder is climbed step by step, and each step once', () => {
    holds((story, trial) => {
      let climbed = -1;
      let ladder = '';
      play(story, trial, (after) => {
        for (const { data, why } of stepsTaken(after)) {
          const { step, severity, level } = data as { step: number | string; severity: Severity; level?: string };
          if (level === 'executive' || why !== undefined) continue;
          const now = `${after.openedAt} ${severity} ${after.ladder.firstDelivery}`;
          if (now !== ladder) climbed = -1;
          ladder = now;
          // An update has stood for the first step of what flaps.
          expect(step).toBe(after.flapping && climbed === -1 && step === 1 ? 1 : climbed + 1);
          climbed = step as number;
        }
      });
    });
  });

  test('a step that failed for good is followed in the same moment, until somebody has heard', () => {
    holds((story, trial) => {
      play(story, trial, (after) => {
        const { state, ladder, flapping, deliveries, severity } = after;
        if (state !== 'open' || flapping || ladder.taken === 0 || ladder.repeated !== undefined) return;
        const newest = deliveries.filter(
          (each) => numberOf(each) >= (ladder.newestDelivery ?? 0) && each.message === 'alert',
        );
        const quiet = trial.policy.teams.fleet?.quietHours;
        const asleep =
          (severity === 'warning' || severity === 'info') &&
          quiet &&
          endOfQuiet({ timeZone: 'UTC', ...quiet }, trial.now);
        if (newest.length > 0 && newest.every((each) => each.state === 'failed') && !asleep) {
          // It has climbed to its end, and somebody had heard before.
          const told = deliveries.filter(
            (each) => numberOf(each) >= (ladder.firstDelivery ?? 0) && each.state !== 'failed',
          );
          expect(told.length).toBeGreaterThan(0);
        }
      });
    });
  });

  test('severity only rises while it is open', () => {
    holds((story, trial) => {
      play(story, trial, (after, before) => {
        if (!before || before.state === 'resolved' || before.id !== after.id || after.version === 1) return;
        expect(worstFirst.indexOf(after.severity)).toBeLessThanOrEqual(worstFirst.indexOf(before.severity));
      });
    });
  });

  test('nothing is told in the quiet hours of those who may sleep', () => {
    holds((story, trial) => {
      play(story, trial, (after) => {
        for (const { data } of stepsTaken(after)) {
          const { severity } = data as { severity: Severity };
          const quiet = trial.policy.teams.fleet?.quietHours;
          if (!quiet || !trial.policy.severities[severity].respectsQuietHours) continue;
          expect(endOfQuiet({ timeZone: 'UTC', ...quiet }, trial.now)).toBeUndefined();
        }
      });
    });
  });

  test('after a look no timer lies behind: only messages and remedies wait to be taken', () => {
    holds((story, trial) => {
      play(story, trial, (after) => {
        const work = [...after.deliveries, ...after.hookRuns].filter(({ state }) =>
          /waiting|sending|running/.test(state),
        );
        if (after.dueAt !== null && work.every(({ attemptAt }) => attemptAt > trial.now))
          expect(after.dueAt).toBeGreaterThan(trial.now);
        if (after.state === 'resolved' && work.length === 0) expect(after.dueAt).toBeNull();
      });
    });
  });

  test('whoever was told hears the end, and a document is what a store gives back', () => {
    holds((story, trial) => {
      play(story, trial, (after, before) => {
        if (before && after.id === before.id && after.version > 1) expect(after.version).toBe(before.version + 1);
      });
      trial.outcome = () => 'sent';
      run(trial, { answer: 'resolve' });
      trial.passes(1 * h);
      const { deliveries } = trial.incident;
      expect(isDeepStrictEqual(JSON.parse(JSON.stringify(trial.incident)), trial.incident)).toBe(true);
      expect(new Set(deliveries.map(({ key }) => key)).size).toBe(deliveries.length);
      const last = new Map(
        deliveries.filter(({ state }) => state === 'sent').map((each) => [`${each.channel} ${each.person}`, each]),
      );
      expect([...last.values()].filter(({ message }) => message !== 'resolved')).toEqual([]);
    });
  });

  test('a clock that is set back makes nothing wait longer, and one set forward skips nothing', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 10, max: 40 * 24 * 60 }), fc.boolean(), (story, minutes, back) => {
        const trial = play(story, trialOf(story), () => {});
        const before = trial.incident;
        const waited = before.dueAt === null ? null : Math.max(0, before.dueAt - before.changedAt);
        const taken: unknown[] = [];
        trial.now += (back ? -1 : 1) * minutes * m;
        trial.watch = (after) => taken.push(...stepsTaken(after).map(({ data }) => (data as { step: unknown }).step));
        trial.outcome = () => 'sent';
        trial.happens({ kind: 'tick' });
        const { dueAt, ladder, severity, state, flapping } = trial.incident;
        if (back && waited !== null && dueAt !== null && taken.length === 0 && trial.now < before.changedAt)
          expect(dueAt - trial.now).toBeLessThanOrEqual(
            trial.policy.severities[severity].respectsQuietHours ? 4 * 24 * h : waited,
          );
        if (!back && minutes >= 30 * 24 * 60 && state === 'open' && !flapping) {
          const { steps } = trial.policy.severities[severity];
          expect(ladder.taken).toBe(steps.filter(({ evenAcknowledged }) => !evenAcknowledged).length);
        }
      }),
      { numRuns: runs },
    );
  });
});
