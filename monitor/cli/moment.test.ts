import { expect, test } from 'vitest';
import { moment, period, periodBefore } from './moment.ts';

const now = Date.parse('2026-11-26T09:30:15.250Z');

test('R01 a time is relative, a word, or ISO 8601 in UTC unless it names its zone', () => {
  const read = {
    '2h': '2026-11-26T07:30:15.250Z',
    '1d12h': '2026-11-24T21:30:15.250Z',
    '2w': '2026-11-12T09:30:15.250Z',
    now: '2026-11-26T09:30:15.250Z',
    today: '2026-11-26T00:00:00.000Z',
    yesterday: '2026-11-25T00:00:00.000Z',
    '2026-11-25': '2026-11-25T00:00:00.000Z',
    '2026-11-25T10:00': '2026-11-25T10:00:00.000Z',
    '2026-11-25 10:00:01.5Z': '2026-11-25T10:00:01.500Z',
    '2026-03-29T03:30+02:00': '2026-03-29T01:30:00.000Z',
  };
  for (const [text, expected] of Object.entries(read)) expect([text, moment(text, now)]).toEqual([text, expected]);
});

test.each(['', '2', 'h', '2y', '-2h', '2026-02-31', '2026-13-01', '2026-11-25T25:00', '25.11.2026', 'soon', '2h ago'])(
  'R01 %j is no time, and the message shows some that are',
  (text) => {
    expect(() => moment(text, now)).toThrow(RangeError);
    expect(() => moment(text, now)).toThrow(`Cannot read the time "${text}": give it as 2h`);
  },
);

test('R01 a time or a period that is none steers no terminal in its message', () => {
  expect(() => moment('\u001b]0;x\u0007soon', now)).toThrow('Cannot read the time "soon": give');
  expect(() => period('last\u001b[2J\nweek', now)).toThrow('Cannot read the period "last week": give');
});

test('R05 a period is the last days, a day, a month, or from one time to another', () => {
  const read = {
    '7d': ['2026-11-19T09:30:15.250Z', '2026-11-26T09:30:15.250Z'],
    '14d..7d': ['2026-11-12T09:30:15.250Z', '2026-11-19T09:30:15.250Z'],
    '2h..': ['2026-11-26T07:30:15.250Z', '2026-11-26T09:30:15.250Z'],
    yesterday: ['2026-11-25T00:00:00.000Z', '2026-11-26T00:00:00.000Z'],
    '2026-11-01': ['2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z'],
    '2026-12': ['2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    '2026-11-01..2026-11-08': ['2026-11-01T00:00:00.000Z', '2026-11-08T00:00:00.000Z'],
  };
  for (const [text, [sinceIso, untilIso]] of Object.entries(read))
    expect([text, period(text, now)]).toEqual([text, { sinceIso, untilIso }]);
  expect(periodBefore(period('2026-11-08..2026-11-15', now))).toEqual(period('2026-11-01..2026-11-08', now));
});

test.each(['', '..', '..7d', '7d..14d', '7d..7d', '1d..2h..1h', '2026-13', 'last week'])(
  'R05 %j is no period',
  (text) => {
    expect(() => period(text, now)).toThrow(RangeError);
  },
);
