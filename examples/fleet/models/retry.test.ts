import { APIConnectionTimeoutError, InternalServerError, RateLimitError } from 'openai';
import { expect, test } from 'vitest';
import { HttpError } from '../tools/http-error.ts';
import { parseAnswer } from './parse-answer.ts';
import { remedyFor } from './retry.ts';

const headers = (retryAfter?: string) => new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter });
const slowDown = (retryAfter?: string) => new RateLimitError(429, {}, 'slow down', headers(retryAfter));
const badAnswer = () => {
  try {
    return parseAnswer('plan', 'no plan');
  } catch (error) {
    return error;
  }
};

test.each([
  ['told to slow down, the first time', slowDown('1'), 1, { kind: 'wait', ms: 1000 }],
  ['told to slow down for long', slowDown('90'), 1, { kind: 'wait', ms: 2000 }],
  ['told to slow down until a date', slowDown('Wed, 21 Oct 2026 07:28:00 GMT'), 1, { kind: 'wait', ms: 1000 }],
  ['told to slow down again', slowDown('1'), 2, { kind: 'fall back', cause: 'rate_limit' }],
  ['a server error', new InternalServerError(500, {}, 'oh', headers()), 1, { kind: 'fall back', cause: 'error' }],
  ['too busy', new HttpError('busy', 529), 1, { kind: 'fall back', cause: 'overloaded' }],
  ['too slow', new APIConnectionTimeoutError(), 1, { kind: 'fall back', cause: 'timeout' }],
  ['not there', new TypeError('fetch failed'), 1, { kind: 'fall back', cause: 'error' }],
  ['an answer that is none', badAnswer(), 1, { kind: 'fall back', cause: 'quality' }],
  ['a mistake of ours', new HttpError('bad request', 400), 1, { kind: 'give up' }],
  ['called off', new DOMException('stop', 'AbortError'), 1, { kind: 'give up' }],
])('S04 what is done about a model: %s', (_, error, attempts, remedy) => {
  expect(remedyFor(error, attempts)).toEqual(remedy);
});
