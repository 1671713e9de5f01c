import { expect, test } from 'vitest';
import { AuthenticationError, claimsOf, signToken, verifyToken } from './tokens.ts';

const ana = { user: 'ana', userClass: 'lead' };

test('S08 a token of ours says who asks', () => {
  expect(verifyToken(signToken(ana, 'secret'), 'secret')).toEqual(ana);
});

test.each([
  ['signed with another secret', signToken(ana, 'another')],
  ['of another user', signToken(ana, 'secret').replace('ana', 'eve')],
  ['of another class', signToken(ana, 'secret').replace('lead', 'admin')],
  ['empty', ''],
])('S08 a token %s is turned away', (_, token) => {
  expect(() => verifyToken(token, 'secret')).toThrow(AuthenticationError);
});

test('T10 the class that a token claims is one of few', () => {
  expect(claimsOf('eve.anything.x').userClass).toBe('unknown');
  expect(claimsOf('').user).toBe('nobody');
});
