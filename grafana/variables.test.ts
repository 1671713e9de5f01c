import { expect, test } from 'vitest';
import { userId } from '../instrumentation/src/catalog/sessions.ts';
import { traceql } from '../queries/traceql.ts';
import { dashboard, row } from './dashboard.ts';
import { traces } from './signals.ts';
import { skill, typed } from './variables.ts';

const user = typed('user', 'User');
const mine = traces('Mine', traceql`{ ${userId} =~ "$user" }`, { read: 'Sessions of the user.', empty: 'none.' });

test('D13 what somebody types is everything at first, and only offered where a panel asks for it', () => {
  expect(user.build()).toEqual(expect.objectContaining({ type: 'textbox', name: 'user', label: 'User', query: '.*' }));
  const page = dashboard('user-experience', { question: 'Who?', variables: [user] }, [row('Who?', [mine])]);
  expect(page).toMatchObject({ templating: { list: [{ name: 'user', type: 'textbox' }] } });
  expect(() => dashboard('user-experience', { question: 'Who?', variables: [user] }, [row('Who?', [])])).toThrow(
    /no panel asks for \$user/,
  );
});

test('D03 a skill that was only ever denied can be chosen too', () => {
  expect(skill.asks?.text).toMatch(/skill_access_allowed_total\|skill_access_denied_total/);
});

test('D13 columns of spans have titles, and lose what is the same in each row', () => {
  const titled = traces('Mine', traceql`{ ${userId} =~ "$user" }`, {
    ...{ read: 'Sessions of the user.', empty: 'none.' },
    rows: 'spans',
    columns: { User: userId },
  }).build(['user']) as { transformations: { options: object }[] };
  expect(titled.transformations[0]?.options).toMatchObject({
    renameByName: { 'user.id': 'User' },
    excludeByName: { 'Trace Name': true },
  });
  expect(mine.build(['user'])).not.toHaveProperty('transformations.0');
});
