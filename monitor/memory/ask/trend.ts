/** `ask trend`: a number day by day, and where it leads. (M06) */
import { type Direction, directionOf } from '../../analysis/trend.ts';
import { oneOf } from '../../cli/options.ts';
import { duration, money, number, share } from '../../words.ts';
import type { Snapshot } from '../record.ts';
import { allNotes, ids } from './cost.ts';
import { known, newestDay } from './known.ts';
import type { Question } from './question.ts';
import { datesIn, daysNamed, during, spanOptions } from './span.ts';

const barWidth = 24;

export interface Course {
  readonly title: string;
  /** In CSV and JSON. */
  readonly column: string;
  /** Null: it is not known, or there was nothing to measure. */
  readonly of: (day: Snapshot) => number | null;
  readonly said: (value: number) => string;
}

export const courses = {
  cost: { title: 'cost', column: 'cost_micro_usd', of: ({ cost }) => cost.micro_usd, said: (usd) => money(usd) },
  tasks: {
    ...{ title: 'tasks that ended', column: 'ended', said: (of) => number(Math.round(of * 10) / 10) },
    of: ({ tasks }) => tasks.completed + tasks.failed,
  },
  errors: { title: 'share that failed', column: 'error_rate', of: ({ error_rate }) => error_rate, said: share },
  p95: { title: '95th percentile of the time', column: 'p95_ms', of: ({ p95_ms }) => p95_ms, said: duration },
} as const satisfies Record<string, Course>;

const names = Object.keys(courses) as (keyof typeof courses)[];

export const trend: Question = {
  usage: 'trend <what>',
  description: `${names.join(', ')}: day by day, and where it leads; default: the 28 newest days`,
  options: spanOptions,
  async answer({ memory, args: [what = ''], options, screen }) {
    const course: Course = courses[oneOf('the measure', what, names)];
    const newest = await newestDay(memory);
    const span = daysNamed(options, newest) ?? daysNamed({ to: newest }, newest) ?? { from: newest, to: newest };
    const { days, missing, notes } = await known(memory, span, `the ${course.title}`);
    const byDate = new Map(days.map((day) => [day.date, day]));
    const rows = datesIn(span).map((date) => {
      const day = byDate.get(date);
      return { date, [course.column]: day ? course.of(day) : null, state: day?.state ?? 'not known' };
    });
    const values = rows.map((row) => (row.state === 'final' ? (row[course.column] as number | null) : null));
    const direction = directionOf(values);
    const most = Math.max(0, ...rows.map((row) => (row[course.column] as number | null) ?? 0));
    const drawn = Number.isFinite(screen.width);
    const table = screen.table(
      [
        ['DAY', course.column.replace(/_.*/, '').toUpperCase(), ...(drawn ? [''] : [])],
        ...rows.map((row) => {
          const value = row[course.column] as number | null;
          const cells = [
            row.state === 'open' ? `${row.date} so far` : row.date,
            value === null ? '-' : course.said(value),
          ];
          if (row.state === 'not known') cells[1] = 'not known';
          return drawn ? [...cells, '█'.repeat(most > 0 ? Math.round(((value ?? 0) / most) * barWidth) : 0)] : cells;
        }),
      ],
      [''],
    );
    return {
      json: { ...span, measure: what, missing, rows, direction, notes: allNotes(days), evidence: ids(days) },
      columns: ['date', course.column, 'state'],
      rows,
      text: `The ${course.title} ${during(span)}: ${leads(direction, course)}.\n\n${table}`,
      notes,
    };
  },
};

/** `rising by $0.40 a day`. */
export function leads({ verdict, slope }: Direction, { said }: Pick<Course, 'said'>): string {
  if (verdict === 'too_few') return 'too few days to tell where it leads';
  if (verdict === 'unclear') return 'neither rising nor falling, as far as one can see';
  return slope ? `${verdict} by ${said(Math.abs(slope))} a day` : verdict;
}
