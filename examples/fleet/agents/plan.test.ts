import { expect, test } from 'vitest';
import type { Plan } from '../model-server/answers.ts';
import type { Request } from '../requests.ts';
import { completePlan } from './plan.ts';

const request: Request = {
  ...{ number: 1, kind: 'feature', trigger: 'manual', subject: 'slugs', repository: 'acme/app', complexity: 'low' },
};

function planned(...types: ('research' | 'code' | 'review')[]): Plan {
  const agents = { research: 'Research', code: 'Code', review: 'QA' } as const;
  return { tasks: types.map((type, at) => ({ type, agent: agents[type], title: `${type} ${at + 1}` })) };
}

test('a plan of a change keeps what the model planned, two of a kind at most', () => {
  const plan = completePlan(
    planned('research', 'research', 'research', 'code', 'code', 'code', 'review'),
    request,
    true,
  );
  expect(plan).toEqual({
    research: ['research 1', 'research 2'],
    code: ['code 4', 'code 5'],
    review: 'review 7',
    askFirst: true,
  });
});

test('a change without code gets some, an answer with code has none, and all is reviewed', () => {
  const none = { askFirst: false };
  expect(completePlan(planned('research'), request, false)).toEqual({
    ...{ research: ['research 1'], code: ['Write slugs'], review: 'Review slugs', ...none },
  });
  expect(completePlan(planned('code', 'review'), { ...request, kind: 'question' }, false)).toEqual({
    ...{ research: ['Find out about slugs'], code: [], review: 'review 2', ...none },
  });
});

test('what is asked for beyond the usual is one piece of work', () => {
  const plan = planned('code', 'code', 'review');
  expect(completePlan(plan, request, false).code).toHaveLength(2);
  for (const more of [{ package: 'left-pad' }, { model: 'house-preview' }, { soak: true }]) {
    expect(completePlan(plan, { ...request, ...more }, false).code).toEqual(['code 1']);
  }
});
