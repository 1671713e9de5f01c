import type { Answers, Decision, Format, Plan, PlannedTask, Research, Review } from './answers.ts';
import type { Random } from './random.ts';
import { snippets } from './snippets.ts';

/** The answer in the asked format, as JSON. `question` is the user's last message. */
export function writeFormat(format: Format, question: string, random: Random): string {
  return JSON.stringify(writers[format](question, random));
}

/** Neutral sentences, for a prompt that asks for no format. */
export function writeProse(question: string, random: Random): string {
  const subject = subjectOf(question, random);
  const sentences = Array.from({ length: random.whole(2, 9) }, () => random.pick(remarks));
  return `${random.pick(openings)} ${subject}: ${sentences.join(' ')}`;
}

/** What the question is about, in at most eight words. */
export function subjectOf(question: string, random: Random): string {
  const line = question
    .slice(0, 400)
    .split('\n')
    .find((text) => /\w/.test(text) && !/^\s*options:/i.test(text));
  const words = (line ?? '').replace(/^\s*\w+:\s*/, '').match(/[\p{L}\p{N}'/_-]+/gu);
  return words ? words.slice(0, 8).join(' ') : random.pick(subjects);
}

const writers: { [F in Format]: (question: string, random: Random) => Answers[F] } = {
  plan(question, random): Plan {
    const subject = subjectOf(question, random);
    const work = random.some(
      workTitles.map(([type, title]) => task(type, title, subject)),
      random.whole(1, 4),
    );
    const order = { research: 0, code: 1, review: 2 };
    return {
      tasks: [
        ...work.sort((a, b) => order[a.type] - order[b.type]),
        task('review', random.pick(reviewTitles), subject),
      ],
    };
  },

  decision(question, random): Decision {
    const given = /^\s*options:\s*(.+)$/im
      .exec(question)?.[1]
      ?.split(/\s*[|,]\s*/)
      .map((option) => option.trim())
      .filter(Boolean);
    const options = given?.length ? given : random.some(approaches, random.whole(2, 4));
    const choice = random.pick(options);
    const confidence = Math.round(Math.min(0.99, 0.55 + 0.4 * random.next()) * 100) / 100;
    return {
      options,
      choice,
      confidence,
      reasoning: `${choice} ${random.pick(reasons)}. ${random.pick(remarks)}`,
    };
  },

  code(_question, random) {
    const { code, tests, slip } = random.pick(snippets);
    return {
      language: 'typescript',
      code: random.chance(1 / 8) ? code.replace(...slip) : code,
      tests: `import assert from 'node:assert/strict';\n\n${tests}`,
    };
  },

  research(question, random): Research {
    const subject = subjectOf(question, random);
    return {
      summary: [`On ${subject}:`, ...random.some(remarks, random.whole(2, 5))].join(' '),
      sources: random.some(publications, random.whole(2, 4)).map((title) => ({
        title: `${title}: ${subject}`,
        url: `https://example.org/${title.toLowerCase().replaceAll(' ', '-')}/${random.hex(6)}`,
      })),
    };
  },

  review(_question, random): Review {
    const reject = random.chance(0.25);
    const issues = random.some(findings, random.whole(reject ? 1 : 0, reject ? 4 : 2)).map((message) => ({
      severity: reject ? random.pick(['minor', 'major', 'critical'] as const) : ('minor' as const),
      message,
    }));
    const coverage = Math.round((reject ? 40 + 40 * random.next() : 80 + 20 * random.next()) * 10) / 10;
    return { verdict: reject ? 'reject' : 'approve', issues, coverage };
  },
};

const agents = { research: 'Research', code: 'Code', review: 'QA' } as const;

function task(type: PlannedTask['type'], title: string, subject: string): PlannedTask {
  return { type, agent: agents[type], title: `${title}: ${subject}` };
}

const workTitles: [PlannedTask['type'], string][] = [
  ['research', 'Find what is known'],
  ['research', 'Compare libraries'],
  ['research', 'List the risks'],
  ['code', 'Write the core'],
  ['code', 'Handle errors'],
  ['code', 'Connect the storage'],
];
const reviewTitles = ['Test and review', 'Check the limits', 'Approve or send back'];
const subjects = ['the import job', 'the search service', 'the billing report', 'the sign-in form', 'the cache'];
const openings = ['In short, about', 'Regarding', 'A view on', 'What can be said of'];
const approaches = ['extend the present module', 'write a new service', 'use a library', 'change the schema', 'wait'];
const publications = ['Field notes', 'Release notes', 'Engineering weekly', 'Reference manual', 'Case study'];
const reasons = [
  'costs the least and can be undone',
  'fits what the other parts already do',
  'leaves the fewest things unknown',
  'is the only one that meets the deadline',
];
const remarks = [
  'The simplest version covers most of the use.',
  'Two cases need care: empty input, and a repeated request.',
  'Load is low enough that one process will do for now.',
  'The data fits in memory, so an index can wait.',
  'Failures should be retried once and then reported.',
  'The interface can stay as it is.',
  'A test against the real service would settle the open question.',
  'Older clients keep working because the new field is optional.',
  'Most of the time is spent waiting for the network.',
  'The limits are documented, and well above what is needed.',
];
const findings = [
  'The empty list is not tested.',
  'An error loses its cause.',
  'The name does not say the unit.',
  'A timeout is missing on the outbound call.',
  'Two branches do the same.',
  'The loop stops one item early.',
  'Input from outside is used before it is checked.',
];
