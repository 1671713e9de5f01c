import * as v from 'valibot';
import { expect, test } from 'vitest';
import { duration } from '../duration.ts';
import { read } from './read.ts';

const schema = v.object({ for: duration, who: v.string() });
const reading = (input: unknown) => () => read(schema, input, 'the request', 'Look at /openapi.json.');

test('X02 what is asked wrongly is named with the value seen, in whole sentences', () => {
  expect(reading({ for: '2h', who: 'ada' })()).toMatchObject({ who: 'ada' });
  expect(reading({ for: '9y', who: 'ada' })).toThrow(
    'Cannot read the request: for "9y" is no duration. Write one such as "30s", "5m" or "1h30m". Look at /openapi.json.',
  );
  expect(reading({ for: '9y', who: 4 })).toThrow(
    'Cannot read the request: for "9y" is no duration. Write one such as "30s", "5m" or "1h30m" (and 1 more). Look at /openapi.json.',
  );
  expect(reading({ for: '2h' })).toThrow('Cannot read the request: who is missing. Look at /openapi.json.');
});
