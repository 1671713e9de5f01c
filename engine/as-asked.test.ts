import { expect, test } from 'vitest';
import { needAsAsked } from './as-asked.ts';
import type { State } from './state.ts';

const running: State = {
  ...{ engine: 'native', profile: 'laptop', startedAt: '2026-01-01T00:00:00Z', components: {}, chosen: ['jaeger'] },
  ports: { FLEETSCOPE_LOKI_HTTP: 3100 },
};

test('P02 a running stack is left alone where what is asked is what it has, or nothing', () => {
  for (const asked of [
    { engine: 'auto', with: [], env: {} },
    { engine: 'native', profile: 'laptop', with: ['jaeger'], env: { FLEETSCOPE_LOKI_HTTP: '3100' } },
    { engine: 'auto', with: [], env: { FLEETSCOPE_LOKI_HTTP: '' } },
  ] as const)
    expect(() => needAsAsked(asked, running)).not.toThrow();
  // Written down by a version that knew no such port.
  expect(() =>
    needAsAsked({ engine: 'auto', with: [], env: { FLEETSCOPE_TEMPO_HTTP: '3201' } }, running),
  ).not.toThrow();
});

test.each([
  [{ engine: 'docker' }, 'Cannot use the engine docker: the stack runs already, with native.'],
  [{ profile: 'team' }, 'Cannot use the profile team: the stack runs already, with laptop.'],
  [{ with: ['elasticsearch'] }, 'Cannot start Elasticsearch: the stack runs already, without it.'],
  [
    { env: { FLEETSCOPE_LOKI_HTTP: '3101' } },
    'Cannot use FLEETSCOPE_LOKI_HTTP=3101: the stack runs already, with 3100.',
  ],
] as const)('P02 %j is not passed over in silence where the stack runs without it', (asked, refusal) => {
  expect(() => needAsAsked({ engine: 'auto', with: [], env: {}, ...asked }, running)).toThrow(
    `${refusal} Stop that first: npm run down.`,
  );
});
