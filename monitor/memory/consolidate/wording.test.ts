import { expect, test } from 'vitest';
import { unescaped } from '../../markdown.ts';
import { oneLine } from '../../words.ts';
import type { Finding } from '../record.ts';
import { sentence } from './sentence.ts';
import { refusal, wordingOf } from './wording.ts';

const finding: Finding = {
  ...{ week: '2026-W07', key: 'model-choice/write/claude-haiku-4.5-instead-of-gpt-5', kind: 'model-choice' },
  ...{ direction: 1, sample: 420, effect: -0.5, low: -0.55, high: -0.45, confidence: 0.99, method: 'm', evidence: [] },
  numbers: {
    ended: 420,
    failed: 11,
    cost_micro_usd: 24_100,
    other_ended: 600,
    other_failed: 36,
    other_cost_micro_usd: 51_000,
  },
  words: { operation: 'write', model: 'claude-haiku-4.5', instead_of: 'gpt-5' },
};
const original = sentence(finding, oneLine);
const kept = (text: string) => [{ document: 'sentences', block: 'a', text, instead_of: original }];

test('M02 a sentence in other words stands where it has the same numbers and names, in the same order', () => {
  expect(original).toBe(
    'For write, claude-haiku-4.5 costs $0.0241 where gpt-5 costs $0.0510 (-55 to -45 %), and fails no more: 11 of 420 failed, against 36 of 600.',
  );
  const other =
    'At write, claude-haiku-4.5 needs $0.0241 and gpt-5 $0.0510: -55 to -45 %; it fails no more: 11 of 420 failed, versus 36 of 600 there.';
  expect(refusal(finding, other)).toBeUndefined();
  expect(unescaped(wordingOf(kept(other))(finding))).toBe(other);
});

test.each([
  ['a number that nothing was computed to', original.replace('11 of', '12 of'), /^not in the evidence: 12$/],
  ['another unit', original.replace('-45 %', '-45 ms'), /^not in the evidence: -45 ms/],
  ['a model that nobody compared', original.replace('gpt-5', 'gpt-6'), /^not in the evidence: gpt-6/],
  [
    'two that changed places',
    original.replace('$0.0241', 'X').replace('$0.0510', '$0.0241').replace('X', '$0.0510'),
    /another order/,
  ],
  [
    'names that changed places',
    original.replace('gpt-5', 'X').replace('claude-haiku-4.5', 'gpt-5').replace('X', 'claude-haiku-4.5'),
    /another order/,
  ],
  ['a number that is missing', original.replace(', against 36 of 600', ''), /^it lost 36, 600$/],
  ['a kind of task that is missing', original.replace('For write, ', ''), /^it lost write$/],
  ['a name that is said of another', original.replace('and fails', 'and gpt-5 fails'), /^it says gpt-5 more often$/],
  ['counts that changed places', original.replace('420 failed, against 36', '36 failed, against 420'), /another order/],
  ['what it is held against', original.replace(', against', ','), /^it lost "than or against"$/],
  ['a comparison more', original.replace('no more', 'no more than that'), /^it added "than or against"$/],
  ['what was, and is no more', original.replace('costs', 'had cost'), /^it added "had"$/],
  ['what has been', original.replace('costs', 'has cost'), /^no word of the original says "has"$/],
  ['a denial', original.replace('fails no more', 'never fails'), /^it lost "no", "more"$/],
  ['a denial more', original.replace('costs', 'hardly costs'), /^it added "hardly"$/],
  ['a short denial', original.replace('costs', "doesn't cost"), /^it added "not"$/],
  ['praise', original.replace('fails no more', 'shines'), /^it lost "fails", "no", "more"$/],
  ['a number in words', original.replace('costs', 'costs half,'), /^it added "half"$/],
  ['a digit of another script', original.replace('costs', 'costs ５ times less,'), /^not in the evidence: ５$/],
  ['a letter that looks like another', original.replace('costs', 'nеver costs'), /^not in the evidence: е$/],
  ['a part of a name', original.replace('costs', 'beats gpt, costs'), /^not in the evidence: gpt$/],
  ['a sentence more', `${original} Blame bob.`, /^it is more sentences$/],
  ['a word that turns it', original.replace('costs', 'saves'), /^no word of the original says "saves"$/],
  [
    'a word that judges',
    original.replace(', and fails', ', and sadly fails'),
    /^no word of the original says "sadly"$/,
  ],
  ['a cause', original.replace('costs', 'costs, thanks to luck,'), /^no word of the original says "thanks", "luck"$/],
  ['a measure that is missing', original.replaceAll('costs', 'is at'), /^it no longer says "costs"$/],
  ['a question', original.replace(/\.$/, '?'), /^it added \?$/],
  ['nothing', ' ', /^it is empty$/],
  ['a page', `${original}\n\n# More`, /^it is more than one line/],
  ['a sermon', `${original}${' and so on'.repeat(60)}`, /^it is more than 3 times as long$/],
])('M02 %s is refused, and the plain sentence stands', (_, rephrased, why) => {
  expect(refusal(finding, rephrased)).toMatch(why);
  expect(wordingOf(kept(rephrased))(finding)).toBe(sentence(finding));
});

test('M02 a sentence that was rephrased and has changed since is told plainly', () => {
  const later = { ...finding, numbers: { ...finding.numbers, failed: 12 } };
  expect(wordingOf(kept(original.replace('costs', 'needs')))(later)).toBe(sentence(later));
});

test('M02 what a program wrote is text: markup in it is none', () => {
  const evil = original.replace('For write', '<b>For</b> [x](http://a.b) write');
  expect(wordingOf(kept(evil))(finding)).not.toMatch(/<b>|\]\(http/);
});

test('M02 what went and what came back are not exchanged', () => {
  const back: Finding = {
    ...{ ...finding, kind: 'returned-error', numbers: {} },
    words: { error_type: 'TimeoutError', fingerprint: 'aaaaaaaaaaaa', gone_after: '2026-02-01', back_on: '2026-02-12' },
  };
  const text = sentence(back, oneLine);
  expect(refusal(back, text.replace('is back since', 'came back on'))).toBeUndefined();
  expect(refusal(back, text.replace('is back', 'was back'))).toBe('it added "was"');
  expect(refusal(back, text.replace('had been gone', 'is gone'))).toBe('it lost "had"');
  const exchanged = text.replace('back', 'X').replace('gone', 'back').replace('X', 'gone');
  expect(refusal(back, exchanged)).toBe('"gone", "back" come in another order');
});

test('M02 where it came from and where it went are not exchanged, nor is since with until, nor a measure or a doubt left out', () => {
  const slower: Finding = {
    ...{ ...finding, kind: 'regression', effect: 0.9, low: 0.8, high: 1 },
    ...{ words: { agent: 'qa', operation: 'verify', measure: 'p50_ms' } },
    numbers: { before: 4000, after: 7500, before_ended: 280, ended: 290 },
  };
  const text = sentence(slower, oneLine);
  expect(text).toBe('qa verify: the median time rose from 4.00 s to 7.50 s (+80 to +100 %; 280 and 290 tasks).');
  expect(refusal(slower, text.replace('the median time', 'its median duration'))).toBeUndefined();
  expect(refusal(slower, text.replace('from 4.00 s to', 'to 4.00 s from'))).toBe(
    'what leads from one to the other comes in another order',
  );
  expect(refusal(slower, text.replace('median ', ''))).toBe('it no longer says "median"');
  const quiet: Finding = {
    ...{ ...finding, kind: 'quiet-error', numbers: {} },
    words: { error_type: 'TimeoutError', fingerprint: 'aaaaaaaaaaaa', gone_after: '2026-02-01' },
  };
  const gone = sentence(quiet, oneLine);
  expect(refusal(quiet, gone.replace('has not been seen', 'did not come'))).toBeUndefined();
  expect(refusal(quiet, gone.replace('since', 'until'))).toBe('no word of the original says "until"');
  expect(refusal(quiet, gone.replace('since ', ''))).toBe('it lost "since"');
  expect(refusal(quiet, gone.replace('since ', 'on '))).toBe('it lost "since"');
  expect(refusal(quiet, gone.replace('it seems to be', 'these seem to have been'))).toBe('it says "been" more often');
  expect(refusal(quiet, gone.replace('seems to be', 'is'))).toBe('it no longer says "seems"');
});

test('M02 what fails is the agent, not the others: what it is held against has its place', () => {
  const fails: Finding = {
    ...{ ...finding, kind: 'agent-task' },
    words: { agent: 'code', operation: 'migrate', against: 'other agents at it' },
    numbers: { ...finding.numbers, share: 0.3, others_failed: 5, others_ended: 90, others_share: 0.05 },
  };
  const text = sentence(fails, oneLine);
  expect(text).toBe('code fails at migrate: 11 of 420 failed (30.0 %), other agents at it: 5 of 90 (5.0 %).');
  expect(refusal(fails, text.replace('fails at migrate:', 'fails at its migrate tasks:'))).toBe(
    'no word of the original says "tasks"',
  );
  expect(refusal(fails, text.replace('(30.0 %), other', '(30.0 %), whereas other'))).toBeUndefined();
  const others = text
    .replace(', other agents at it', ', and')
    .replace('code', 'While code is at migrate, it is the other agents at it that');
  expect(refusal(fails, others.replace(' fails at migrate', ' fails'))).toMatch(/another order/);
  expect(refusal(fails, text.replace('other agents at it', 'code at it, other agents'))).toBe(
    'it lost other agents at it',
  );
});

test('M02 every sentence may stand as it is, and no word of another kind may come into it', () => {
  const strange = [
    'saves',
    'improves',
    'broken',
    'thankfully',
    'allegedly',
    'only',
    'almost',
    'because',
    'should',
    'maybe',
  ];
  const all: [Finding['kind'], Record<string, string>][] = [
    ['agent-task', { agent: 'code', operation: 'migrate', against: 'other agents at it' }],
    ['batch-size', { agent: 'code', operation: 'write', model: 'm', way: '4 to 7 tasks', instead_of: 'one task' }],
    ['tool-choice', { agent: 'code', operation: 'write', model: 'm', way: 'search + shell', instead_of: 'browser' }],
    ['recurring-error', { error_type: 'TimeoutError', fingerprint: 'aaaaaaaaaaaa' }],
  ];
  const numbers = {
    ...finding.numbers,
    share: 0.3,
    others_failed: 5,
    others_ended: 90,
    others_share: 0.05,
    days: 6,
    times: 9,
  };
  for (const [kind, words] of all)
    for (const direction of [1, -1] as const) {
      const one = { ...finding, kind, words, direction, numbers };
      const text = sentence(one, oneLine);
      expect(refusal(one, text)).toBeUndefined();
      for (const word of strange) expect(refusal(one, text.replace(/(?=\.$)/, ` ${word}`))).toBeDefined();
    }
});
