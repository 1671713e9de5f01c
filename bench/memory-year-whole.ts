/** The alternative that a year is measured beside: a week told from whole days, all of them in memory at once. `node bench/memory-year-whole.ts <file> <week>` */
import { findingsOf, lastDayOf, weekBefore } from '../monitor/memory/consolidate/findings.ts';
import { listed } from '../monitor/memory/store/listed.ts';
import { openMemory } from '../monitor/memory/store/open.ts';

const [file, week] = process.argv.slice(2) as [string, string];
const memory = await openMemory(file);
const days = await listed(memory, { to: lastDayOf(week) });
console.log(findingsOf(week, days, await memory.findings(weekBefore(week))).length);
await memory.close();
