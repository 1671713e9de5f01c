/** `ask lessons`: what the weeks have taught, and on what it rests. (M06) */
import { oneOf, text } from '../../cli/options.ts';
import { oneLine } from '../../words.ts';
import { type Lesson, lessons } from '../consolidate/lessons.ts';
import { rests, sentence, standing } from '../consolidate/sentence.ts';
import { beginOf } from '../periods.ts';
import type { Question } from './question.ts';

const states = ['lesson', 'note', 'contradicted', 'expired'] as const satisfies readonly Lesson['state'][];

export const askLessons: Question = {
  usage: 'lessons',
  description: 'what was seen in two weeks or more, and what only once, with what it rests on',
  options: [
    ['--week <week>', 'as it stood at the end of this one: 2026-W07; default: the newest'],
    ['--state <state>', `${states.join(', ')}; default: those that hold, lessons and notes`],
  ],
  async answer({ memory, options, screen }) {
    const newest = (await memory.done('week')).at(-1);
    if (newest === undefined)
      throw new Error(
        'Cannot tell what was learnt: no week is consolidated yet. Each is when its Sunday is closed, or by "npm run memory -- consolidate --week <week>".',
      );
    const week = text(options, 'week') ?? newest;
    beginOf(week);
    if (!week.includes('W')) throw new RangeError(`Cannot use --week "${oneLine(week)}": write it as 2026-W07.`);
    const state = text(options, 'state');
    const wanted = state === undefined ? ['lesson', 'note'] : [oneOf('--state', state, states)];
    const all = lessons(await memory.findings(week), week).filter((lesson) => wanted.includes(lesson.state));
    const rows = all
      .map((lesson) => ({
        ...{ key: lesson.key, state: lesson.state, since: lesson.since, weeks: lesson.weeks },
        ...{
          sentence: sentence(lesson.newest, oneLine),
          confidence: lesson.newest.confidence,
          sample: lesson.newest.sample,
        },
        evidence: lesson.evidence,
      }))
      .sort((a, b) => wanted.indexOf(a.state) - wanted.indexOf(b.state));
    const said = all
      .toSorted((a, b) => wanted.indexOf(a.state) - wanted.indexOf(b.state))
      .map((lesson) =>
        [
          `${screen.paint('bold', lesson.state)}: ${sentence(lesson.newest, oneLine)}`,
          `  ${oneLine(standing(lesson))}; ${oneLine(rests(lesson.newest))}`,
          `  lesson:${oneLine(lesson.key)}  ${lesson.evidence.map(oneLine).join(' ')}`,
        ].join('\n'),
      );
    return {
      json: { week, lessons: rows },
      columns: ['key', 'state', 'since', 'weeks', 'sentence', 'confidence', 'sample', 'evidence'],
      rows,
      text: said.length === 0 ? `Nothing of that kind is held at the end of ${oneLine(week)}.` : said.join('\n\n'),
    };
  },
};
