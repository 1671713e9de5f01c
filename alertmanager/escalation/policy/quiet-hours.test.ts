import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { awakeAfter, endOfQuiet, type Quiet } from './quiet-hours.ts';

const m = 60_000;
const h = 60 * m;
const at = (iso: string) => Date.parse(iso);
const iso = (instant: number | undefined) => instant !== undefined && new Date(instant).toISOString();

const berlin: Quiet = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
const withWeekend: Quiet = { ...berlin, days: ['saturday', 'sunday'] };

test('X02 a night passes midnight, a weekend lasts from Friday evening to Monday morning', () => {
  expect(iso(endOfQuiet(berlin, at('2026-01-05T20:59:00Z')))).toBe(false);
  expect(iso(endOfQuiet(berlin, at('2026-01-05T21:00:00Z')))).toBe('2026-01-06T06:00:00.000Z');
  expect(iso(endOfQuiet(berlin, at('2026-01-06T05:59:59Z')))).toBe('2026-01-06T06:00:00.000Z');
  expect(iso(endOfQuiet(berlin, at('2026-01-06T06:00:00Z')))).toBe(false);
  expect(iso(endOfQuiet(withWeekend, at('2026-01-09T21:30:00Z')))).toBe('2026-01-12T06:00:00.000Z');
});

test('X02 the night in which the clock goes forward is an hour shorter, the other one an hour longer', () => {
  expect(iso(endOfQuiet(berlin, at('2026-03-28T22:00:00Z')))).toBe('2026-03-29T05:00:00.000Z');
  expect(iso(endOfQuiet(berlin, at('2026-10-24T22:00:00Z')))).toBe('2026-10-25T06:00:00.000Z');
  // 02:30 is skipped: half an hour later is as good. 02:30 comes twice: the first is meant.
  const short: Quiet = { ...berlin, to: '02:30' };
  expect(iso(endOfQuiet(short, at('2026-03-28T22:00:00Z')))).toBe('2026-03-29T01:30:00.000Z');
  expect(iso(endOfQuiet(short, at('2026-10-24T22:00:00Z')))).toBe('2026-10-25T00:30:00.000Z');
});

test('X02 waking time is what passes outside of quiet hours', () => {
  expect(iso(awakeAfter(berlin, at('2026-01-05T20:30:00Z'), 1 * h))).toBe('2026-01-06T06:30:00.000Z');
  expect(iso(awakeAfter(berlin, at('2026-01-05T22:30:00Z'), 0))).toBe('2026-01-06T06:00:00.000Z');
  expect(iso(awakeAfter(berlin, at('2026-01-05T20:30:00Z'), 24 * h))).toBe('2026-01-07T14:30:00.000Z');
  // What would come just as the night begins comes when it is over.
  expect(iso(awakeAfter(berlin, at('2026-01-05T20:30:00Z'), 30 * m))).toBe('2026-01-06T06:00:00.000Z');
  expect(awakeAfter(undefined, 5, 10)).toBe(15);
});

describe('X02 quiet hours hold in every zone, also when the clock changes', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/St_Johns', 'Africa/Cairo', 'UTC'];
  const changes = [
    '2026-03-08',
    '2026-03-29',
    '2026-04-05',
    '2026-04-24',
    '2026-10-04',
    '2026-10-25',
    '2026-11-01',
  ].map(at);
  const time = (from: number, to: number) =>
    fc.tuple(fc.integer({ min: from, max: to }), fc.nat(59)).map(([hour, minute]) => `${two(hour)}:${two(minute)}`);
  const quiet: fc.Arbitrary<Quiet> = fc.record({
    from: time(18, 23),
    to: time(0, 9),
    days: fc.subarray(['saturday', 'sunday', 'wednesday']),
    timeZone: fc.constantFrom(...zones),
  });
  const instant = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -60 * 24, max: 60 * 48 }))
    .map(([day, minutes]) => day + minutes * m);

  test('what is told is never told in them, and never before its waking time has passed', () => {
    fc.assert(
      fc.property(quiet, instant, fc.nat(10 * 60), (hours, from, minutes) => {
        const due = awakeAfter(hours, from, minutes * m);
        expect(endOfQuiet(hours, due)).toBeUndefined();
        expect(due - from).toBeGreaterThanOrEqual(minutes * m);
        // What the clock skips or shows twice may be counted or not: an hour, and what every other minute misses.
        const awake = minutesAwake(hours, from, due);
        expect(Math.abs(awake - minutes)).toBeLessThanOrEqual(60 + 10);
      }),
      { numRuns: 60 },
    );
  });

  test('later is never sooner', () => {
    fc.assert(
      fc.property(quiet, instant, fc.nat(600), fc.nat(600), (hours, from, a, b) => {
        expect(awakeAfter(hours, from, (a + b) * m)).toBeGreaterThanOrEqual(awakeAfter(hours, from, a * m));
        expect(awakeAfter(hours, from + b * m, a * m)).toBeGreaterThanOrEqual(awakeAfter(hours, from, a * m));
      }),
      { numRuns: 100 },
    );
  });

  /** By another way: what a wall clock shows, every other minute. */
  function minutesAwake({ from, to, days, timeZone }: Quiet, begin: number, end: number): number {
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'long', hour: '2-digit', minute: '2-digit' });
    let awake = 0;
    for (let each = begin; each < end; each += 2 * m) {
      const shown = Object.fromEntries(clock.formatToParts(each).map(({ type, value }) => [type, value]));
      const now = `${shown.hour}:${shown.minute}`;
      const asleep = from < to ? now >= from && now < to : now >= from || now < to;
      if (!asleep && !(days as string[]).includes((shown.weekday ?? '').toLowerCase())) awake += 2;
    }
    return awake;
  }

  function two(number: number): string {
    return String(number).padStart(2, '0');
  }
});
