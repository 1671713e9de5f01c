/** What an id of evidence is of: `day:2026-02-15`, `week:2026-W07`, `error:…`, `decision:…`, `anomaly:…`, `lesson:…`. (B10) */
import type { Outcome, Screen } from '../../cli/command.ts';
import { listed as facts } from '../../cli/facts.ts';
import { errorText, money, number, oneLine, share } from '../../words.ts';
import { type ErrorCourse, errorCourses } from '../consolidate/errors.ts';
import { weekBefore } from '../consolidate/findings.ts';
import { lessons } from '../consolidate/lessons.ts';
import { rests, sentence, standing } from '../consolidate/sentence.ts';
import { summary } from '../consolidate/summary.ts';
import { weekTotal } from '../consolidate/week-total.ts';
import { wording } from '../consolidate/wording.ts';
import { datesOf } from '../periods.ts';
import type { PastDay } from '../record.ts';
import { listed } from '../store/listed.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { pastDays } from '../store/past-days.ts';
import { figure, labelText } from './anomalies.ts';
import { dayText } from './day-text.ts';
import { errorStatuses } from './error-status.ts';
import { type Kind, kindOf } from './evidence.ts';
import { bounds, reach } from './known.ts';
import { decisionText } from './why.ts';

type Show = (memory: MemoryStore, id: string, screen: Screen) => Promise<Outcome>;

const kinds: Readonly<Record<Kind, Show>> = {
  async day(memory, date, screen) {
    const found = await memory.snapshot(date);
    if (!found) throw nothingOf(`day:${date}`, reach(await bounds(memory)));
    return { json: found, text: dayText(found, screen) };
  },

  async week(memory, week) {
    const snapshots = await listed(memory, { from: weekBefore(week), to: week });
    const days = snapshots.filter(({ date }) => datesOf(week).includes(date));
    if (days.length === 0) throw nothingOf(`week:${week}`, reach(await bounds(memory)));
    const [findings, decisions] = [await memory.findings(week), await memory.decisions({ from: week, to: week })];
    const own = findings.filter((finding) => finding.week === week);
    return {
      json: { week, total: weekTotal(week, snapshots), findings: own, evidence: days.map(({ date }) => `day:${date}`) },
      text: summary({ week, snapshots, decisions, findings, said: await wording(memory) }).trimEnd(),
    };
  },

  async error(memory, fingerprint, screen) {
    const all = await bounds(memory);
    const past = await pastDays(memory, {});
    const found = errorCourses(past, all?.to ?? '').find((course) => course.fingerprint === fingerprint);
    if (!found) throw nothingOf(`error:${fingerprint}`, `no day has that fingerprint; ${reach(all)}`);
    const isIn = ({ errors }: PastDay) => errors.some((one) => one.fingerprint === fingerprint);
    const status = (await errorStatuses(memory, past, all?.to ?? '', isIn)).get(fingerprint) ?? 'open';
    return { json: { ...found, status }, text: errorCourseText(found, status, screen) };
  },

  async decision(memory, id, screen) {
    const found = await memory.decision(id);
    if (!found) throw nothingOf(`decision:${id}`, 'no decision has that id.');
    return { json: found, text: decisionText(found, screen) };
  },

  async anomaly(memory, id, screen) {
    const found = await memory.anomaly(id);
    if (!found) throw nothingOf(`anomaly:${id}`, 'nothing unusual has that id.');
    const { hour, metric, value, expected, low, high, confidence, method, compared_with } = found;
    const rows: [string, string][] = [
      ['when', `${hour.replace('T', ' ')}h, day:${hour.slice(0, 10)}`],
      ['what', `${oneLine(metric)} of ${oneLine(labelText(found))}`],
      ['was', screen.paint('bold', figure(value))],
      ['expected', `${figure(expected)}, from ${figure(low)} to ${figure(high)}`],
      ['sure by', share(confidence)],
      ['method', `${oneLine(method)}; ${number(compared_with)} values`],
    ];
    return { json: found, text: facts(rows, screen) };
  },

  async lesson(memory, key, screen) {
    const week = (await memory.done('week')).at(-1);
    const found =
      week === undefined ? undefined : lessons(await memory.findings(week), week).find((one) => one.key === key);
    if (!found) throw nothingOf(`lesson:${key}`, '"npm run memory -- ask lessons" lists those that there are.');
    const rows: [string, string][] = [
      ['lesson', screen.paint('bold', sentence(found.newest, oneLine))],
      ['stands', `${found.state}, ${standing(found)}`],
      ['rests on', oneLine(rests(found.newest))],
      ['weeks', found.weeks.map((one) => `week:${one}`).join(' ') || '-'],
      ['evidence', found.evidence.map(oneLine).join(' ') || '-'],
    ];
    return { json: found, text: facts(rows, screen) };
  },
};

export async function showRemembered(memory: MemoryStore, id: string, screen: Screen): Promise<Outcome> {
  return kinds[kindOf(id) as Kind](memory, id.slice(id.indexOf(':') + 1), screen);
}

function errorCourseText(course: ErrorCourse, status: string, screen: Screen): string {
  const { fingerprint, days, times, cost_micro_usd, sessions, silences } = course;
  const shown = days.slice(-10);
  const quiet = silences.map(
    ({ after, until, confidence }) =>
      `after ${after}${until === null ? ', until now' : `, until ${until}`} (no chance by ${share(confidence)})`,
  );
  return facts(
    [
      ['error', screen.paint('bold', errorText(course))],
      ['fingerprint', oneLine(fingerprint)],
      ['status', status],
      ['seen', `${number(times)} times on ${number(days.length)} days, ${course.first_at} to ${course.last_at}`],
      ['cost', money(cost_micro_usd)],
      ['gone', quiet.join('; ') || 'never for long enough to mean anything'],
      ['days', `${days.length > shown.length ? '… ' : ''}${shown.map((day) => `day:${day}`).join(' ')}`],
      ['runs', sessions.map(oneLine).join(' ') || '-'],
    ],
    screen,
  );
}

function nothingOf(id: string, why: string): Error {
  return new Error(`Cannot open ${oneLine(id)}: nothing is known of it; ${why}`);
}
