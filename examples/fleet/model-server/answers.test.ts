import { expect, test } from 'vitest';
import type { Answers, Format } from './answers.ts';
import { Random } from './random.ts';
import { snippets } from './snippets.ts';
import { writeFormat } from './write-answer.ts';

const question = 'task: build a search service\noptions: SQLite | MongoDB';

function many<F extends Format>(format: F, asked = question): Answers[F][] {
  return Array.from({ length: 60 }, (_, call) => JSON.parse(writeFormat(format, asked, new Random(3, call))));
}

test('S04 a plan has two to five tasks for the agents, ends with a review, and is about the question', () => {
  const agents = { research: 'Research', code: 'Code', review: 'QA' };
  const plans = many('plan');
  for (const { tasks } of plans) {
    expect(tasks.length).toBeGreaterThanOrEqual(2);
    expect(tasks.length).toBeLessThanOrEqual(5);
    expect(tasks.at(-1)?.type).toBe('review');
    for (const { type, agent, title } of tasks) {
      expect(agent).toBe(agents[type]);
      expect(title).toMatch(/: build a search service$/);
    }
  }
  expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBeGreaterThan(30);
});

test('S04 a decision chooses one of the options that were given, or of its own', () => {
  for (const { options, choice, confidence, reasoning } of many('decision')) {
    expect(options).toEqual(['SQLite', 'MongoDB']);
    expect(options).toContain(choice);
    expect(confidence).toBeGreaterThan(0.5);
    expect(confidence).toBeLessThan(1);
    expect(reasoning).toContain(choice);
  }
  for (const { options, choice } of many('decision', 'What now?')) {
    expect(options.length).toBeGreaterThan(1);
    expect(options).toContain(choice);
  }
  expect(new Set(many('decision').map(({ choice }) => choice)).size).toBe(2);
});

test('S04 a review approves mostly; a rejection has its reasons', () => {
  const reviews = many('review');
  for (const { verdict, issues, coverage } of reviews) {
    if (verdict === 'reject') expect(issues.length).toBeGreaterThan(0);
    else for (const { severity } of issues) expect(severity).toBe('minor');
    expect(coverage).toBeGreaterThan(0);
    expect(coverage).toBeLessThanOrEqual(100);
  }
  const rejected = reviews.filter(({ verdict }) => verdict === 'reject').length;
  expect(rejected).toBeGreaterThan(5);
  expect(rejected).toBeLessThan(30);
});

test('S04 research names its sources', () => {
  for (const { summary, sources } of many('research')) {
    expect(summary).toContain('build a search service');
    expect(sources.length).toBeGreaterThan(1);
    for (const { url } of sources) expect(new URL(url).hostname).toBe('example.org');
  }
});

test('S04 the code is that of a snippet, but for the share that is written with a slip', () => {
  const answers = many('code');
  const sound = answers.filter(({ code }) => snippets.some((snippet) => snippet.code === code)).length;
  expect(sound).toBeGreaterThan(40);
  expect(sound).toBeLessThan(60);
});
