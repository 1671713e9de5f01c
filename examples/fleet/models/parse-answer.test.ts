import { expect, test } from 'vitest';
import { type Format, formats } from '../model-server/answers.ts';
import { Random } from '../model-server/random.ts';
import { writeFormat } from '../model-server/write-answer.ts';
import { AnswerError, parseAnswer } from './parse-answer.ts';
import { systemPrompt } from './prompts.ts';

test.each(formats)('what the model server answers as %s can be used, also within a fence', (format) => {
  for (let call = 0; call < 50; call += 1) {
    const text = writeFormat(format, 'Add a cache\noptions: yes | no', new Random(1, call));
    expect(parseAnswer(format, text)).toEqual(JSON.parse(text));
    expect(parseAnswer(format, `\`\`\`json\n${text}\n\`\`\``)).toEqual(JSON.parse(text));
  }
});

test.each<[Format, string, RegExp]>([
  ['plan', 'Sure! Here is a plan.', /^Cannot use the plan: it is not JSON: Sure! Here/],
  ['plan', '{"tasks": []}', /^Cannot use the plan: tasks: /],
  ['decision', '{"options": ["a"], "choice": "a", "confidence": 80, "reasoning": ""}', /decision: confidence: /],
  ['review', '{"verdict": "maybe", "issues": [], "coverage": 1}', /review: verdict: /],
])('a %s such as %s is refused', (format, text, message) => {
  expect(() => parseAnswer(format, text)).toThrow(message);
  expect(() => parseAnswer(format, text)).toThrow(AnswerError);
});

test('every prompt asks for its format by the line that the model server knows', () => {
  for (const format of formats) expect(systemPrompt(format)).toMatch(new RegExp(`\nformat: ${format}$`));
});
