import { expect, test } from 'vitest';
import { defaultNames, selectNames } from './instrumentations.ts';

const cases = [
  ['the default', {}, defaultNames],
  ['none', { preset: 'none' }, []],
  ['none, whatever else is asked', { preset: 'none', only: ['http'] }, []],
  ['a list', { preset: 'http, pg' }, ['http', 'pg']],
  ['all, and ours', { preset: 'all' }, ['all', 'openai', 'anthropic', 'console']],
  ['all but ours', { preset: 'all', without: ['console', 'openai'] }, ['all', 'anthropic']],
  ['all, of which the package itself picks', { preset: 'all', only: ['http'] }, ['all']],
  ['the enabled ones, beyond the default too', { only: ['http', 'pg'] }, ['http', 'pg']],
  ['a list cut to the enabled ones', { preset: 'http,pino', only: ['pino'] }, ['pino']],
  ['all but a disabled one', { without: ['express'] }, defaultNames.filter((name) => name !== 'express')],
] as const;

test.each(['spans', 'metrics'] as const)('B12 the preset %s starts what tells of requests alone', (preset) => {
  const select = (given: object) => selectNames({ preset: 'default', only: [], without: [], ...given }, preset);
  expect(select({})).toEqual(['http', 'undici', 'express', 'openai', 'anthropic']);
  expect(select({ without: ['undici'] })).toEqual(['http', 'express', 'openai', 'anthropic']);
  expect(select({ preset: 'http,pg' })).toEqual(['http', 'pg']);
  expect(select({ only: ['pino'] })).toEqual(['pino']);
});

test.each(cases)('I01 FLEETSCOPE_INSTRUMENTATIONS and OTEL_NODE_* select %s', (_, given, expected) => {
  expect(selectNames({ preset: 'default', only: [], without: [], ...given })).toEqual(expected);
});
