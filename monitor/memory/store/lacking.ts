interface Mark {
  readonly job: string;
  readonly period: string;
  /** How many rows were made. */
  readonly rows: number;
}

/** At most so many are named. */
const most = 10;

/** Of each period that is done its rows must be there. @param there how many are, by `<job>/<period>`. Undefined: all are */
export function lacking(marks: readonly Mark[], there: ReadonlyMap<string, number>): string | undefined {
  const wrong = marks
    .map((mark) => ({ ...mark, found: there.get(`${mark.job}/${mark.period}`) ?? 0 }))
    .filter(({ rows, found }) => rows !== found)
    .map(({ job, period, rows, found }) => `${job} ${period} has ${found} of its ${rows} rows`);
  if (wrong.length === 0) return undefined;
  const more = wrong.length > most ? `; and ${wrong.length - most} more` : '';
  return `${wrong.slice(0, most).join('; ')}${more}`;
}
