/** `report`: a month as one page that needs nothing else. (M06) */
import { intoFile } from '../../cli/into-file.ts';
import { text } from '../../cli/options.ts';
import { reportPage } from '../report/page.ts';
import { readMonth } from '../report/read-month.ts';
import { newestDay } from './known.ts';
import { monthDays } from './span.ts';
import type { Task } from './task.ts';

export const report: Task = {
  usage: 'report',
  description: 'a month as one HTML file: for a screen, a phone, and paper; default: the month of the newest day',
  options: [
    ['--month <month>', '2026-01'],
    ['--output <file>', 'where to write it; default: standard output, where that is no terminal'],
  ],
  makesMemory: false,
  async run({ memory, options, usdPerDay, screen, told }) {
    const month = text(options, 'month') ?? (await newestDay(memory)).slice(0, 7);
    monthDays(month);
    const output = text(options, 'output');
    if (output === undefined && Number.isFinite(screen.width))
      throw new RangeError(`Cannot show a page of HTML on a terminal. Name a file: --output ${month}.html`);
    const page = reportPage(await readMonth(memory, month), usdPerDay);
    if (output === undefined) return { text: page.trimEnd() };
    await intoFile(output, async (write) => void (await write(page)));
    told(`Wrote ${output}.`);
    return {};
  },
};
