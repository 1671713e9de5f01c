import { expect, test } from 'vitest';
import { defaultNames, selectNames } from './instrumentations.ts';

const cases = [
  ['the default', {}, defaultNames],
  ['none', { preset: 'none' }, []],
  ['none, whatever else is asked', { preset: 'none', only: ['http'] }, []],
  ['a list', { preset: 'http, pg' }, ['http', 'pg']],
  ['all', { preset: 'all' }, ['all', 'console']],
  ['all but the console', { preset: 'all', without: ['console'] }, ['all']],
  ['all, of which the package itself picks', { preset: 'all', only: ['http'] }, ['all']],
  ['the enabled ones, beyond the default too', { only: ['http', 'pg'] }, ['http', 'pg']],
  ['a list cut to the enabled ones', { preset: 'http,pino', only: ['pino'] }, ['pino']],
  ['all but a disabled one', { without: ['express'] }, defaultNames.filter((name) => name !== 'express')],
] as const;

test.each(cases)('I01 FLEETSCOPE_INSTRUMENTATIONS and OTEL_NODE_* select %s', (_, given, expected) => {
  expect(selectNames({ preset: 'default', only: [], without: [], ...given })).toEqual(expected);
});
