/** `rephrase`: lets a program say the sentences of a week in other words; what it may not say is refused, and the plain sentence stands. (M02) */
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import type { Outcome } from '../../cli/command.ts';
import { text } from '../../cli/options.ts';
import { count, oneLine } from '../../words.ts';
import { lessons } from '../consolidate/lessons.ts';
import { sentence } from '../consolidate/sentence.ts';
import { refusal, sentencesDocument } from '../consolidate/wording.ts';
import { beginOf } from '../periods.ts';
import type { Finding, Override } from '../record.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import type { Task, TaskGiven } from './task.ts';

export const rephrase: Task = {
  usage: 'rephrase',
  description:
    'let a program, a model say, write the sentences of a week in other words; numbers and names stay as they are',
  options: [
    [
      '--with <command>',
      'is run once for each sentence: that on its standard input, its answer on the standard output',
    ],
    ['--week <week>', '2026-W07, with the lessons that stood at its end; default: the newest that is consolidated'],
    ['--again', 'those as well that were rephrased before; what was kept stays where the new answer is refused'],
    ['--drop', 'no program: what was kept of the week is taken back, and the plain sentences stand'],
    ['--dry-run', 'say what would be kept, refused or taken back; nothing changes'],
  ],
  makesMemory: false,
  async run({ memory, options, told }) {
    const command = text(options, 'with');
    const isDrop = options.drop === true;
    if (isDrop && (command !== undefined || options.again === true))
      throw new RangeError('Cannot both rephrase and take back: write --drop alone, and rephrase after it.');
    if (command === undefined && !isDrop)
      throw new RangeError(
        'Cannot rephrase without a program: nothing is sent anywhere by itself. Add --with "<command>".',
      );
    const week = await weekAsked(memory, text(options, 'week'));
    const asked = await sentencesOf(memory, week);
    const kept = await memory.overrides(sentencesDocument);
    const change = { memory, week, asked, kept, isDry: options.dryRun === true, told };
    return command === undefined ? takeBack(change) : askAll(change, command, options.again === true);
  },
};

interface Change extends Pick<TaskGiven, 'memory' | 'told'> {
  readonly week: string;
  /** Plain sentences, and what they tell. */
  readonly asked: ReadonlyMap<string, Finding>;
  readonly kept: readonly Override[];
  readonly isDry: boolean;
}

/** @throws Error for one that is not consolidated; RangeError for what is no week */
async function weekAsked(memory: Pick<MemoryStore, 'done'>, named: string | undefined): Promise<string> {
  const weeks = await memory.done('week');
  const week = named ?? weeks.at(-1);
  if (week === undefined)
    throw new Error('Cannot rephrase: no week is consolidated yet. npm run memory -- consolidate.');
  if (!/^\d{4}-W\d{2}$/.test(week))
    throw new RangeError(`Cannot read --week "${oneLine(week)}": write a week as 2026-W07.`);
  beginOf(week);
  if (weeks.includes(week)) return week;
  const newest = weeks.length === 0 ? 'no week is yet' : `the newest that is: ${weeks.at(-1)}`;
  throw new Error(
    `Cannot rephrase ${week}: it is not consolidated; ${newest}. npm run memory -- consolidate --week ${week}.`,
  );
}

/** What the week shows, and the lessons that stood at its end. */
async function sentencesOf(memory: Pick<MemoryStore, 'findings'>, week: string): Promise<Map<string, Finding>> {
  const findings = await memory.findings(week);
  const own = findings.filter((one) => one.week === week);
  const shown = [...own, ...lessons(findings, week).map(({ newest }) => newest)];
  return new Map(shown.map((finding) => [sentence(finding, oneLine), finding]));
}

async function askAll(
  { memory, week, asked, kept, isDry, told }: Change,
  command: string,
  isAgain: boolean,
): Promise<Outcome> {
  const before = new Set(kept.map(({ instead_of }) => instead_of));
  const rows: { key: string; sentence: string; rephrased: string; refused: string | null }[] = [];
  for (const [original, finding] of asked) {
    if (before.has(original) && !isAgain) continue;
    const rephrased = (await answerOf(command, original)).trim();
    const refused = refusal(finding, rephrased) ?? null;
    rows.push({ key: finding.key, sentence: original, rephrased, refused });
    if (refused === null && !isDry)
      await memory.putOverride({
        ...{ document: sentencesDocument, block: hash('sha256', original).slice(0, 12) },
        ...{ text: rephrased, instead_of: original },
      });
  }
  const bad = rows.filter(({ refused }) => refused !== null);
  if (isDry) told('Nothing was kept: --dry-run.');
  else if (rows.length > bad.length)
    told(`Kept ${count(rows.length - bad.length, 'sentence')}. Pages have them when they are next written.`);
  const lines = rows.map(({ sentence, rephrased, refused }) => {
    if (refused === null) return `${sentence}\n→ ${oneLine(rephrased)}`;
    const stands = before.has(sentence) ? 'What was kept before' : 'The plain sentence';
    return `${sentence}\n✗ ${oneLine(rephrased)}\n  Refused: ${oneLine(refused)}. ${stands} stands.`;
  });
  const already = asked.size - rows.length;
  return {
    json: { week, asked: rows.length, refused: bad.length, already, rows },
    text: lines.join('\n\n') || `Of ${week} there is nothing to rephrase that was not rephrased before.`,
    findings: bad.length > 0,
  };
}

async function takeBack({ memory, week, asked, kept, isDry, told }: Change): Promise<Outcome> {
  const rows = kept.filter(({ instead_of }) => asked.has(instead_of));
  if (!isDry) for (const { document, block } of rows) await memory.dropOverride(document, block);
  if (isDry) told('Nothing was taken back: --dry-run.');
  else if (rows.length > 0)
    told(`Took back ${count(rows.length, 'sentence')}. Pages have the plain ones when they are next written.`);
  const lines = rows.map(({ text, instead_of }) => `${oneLine(text)}\n→ ${instead_of}`);
  return {
    json: { week, dropped: rows.length, rows: rows.map((row) => ({ sentence: row.instead_of, rephrased: row.text })) },
    text: lines.join('\n\n') || `Of ${week} nothing was rephrased.`,
    findings: false,
  };
}

/** A model may think for long; a program that hangs is not waited for. */
const patienceMs = 120_000;

/** The sentence is no part of the command: whatever is in it, nothing of it is run. @throws Error where it fails */
function answerOf(command: string, original: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'inherit'], timeout: patienceMs });
    const out: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === 0) return resolve(Buffer.concat(out).toString());
      const how = signal === null ? `ended with ${status}` : `was ended (${signal}) after ${patienceMs / 1000} s`;
      reject(new Error(`Cannot rephrase: "${oneLine(command)}" ${how}. What was kept before stays; run it by itself.`));
    });
    // It may answer before it has read all.
    child.stdin.on('error', () => {});
    child.stdin.end(`${original}\n`);
  });
}
