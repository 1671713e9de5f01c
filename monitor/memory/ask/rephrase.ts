/** `rephrase`: lets a program say the sentences of a week in other words; what it may not say is refused, and the plain sentence stands. (M02) */
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { text } from '../../cli/options.ts';
import { count, oneLine } from '../../cli/words.ts';
import { lessons } from '../consolidate/lessons.ts';
import { sentence } from '../consolidate/sentence.ts';
import { refusal, sentencesDocument } from '../consolidate/wording.ts';
import { beginOf } from '../periods.ts';
import type { Task } from './task.ts';

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
    ['--dry-run', 'say what would be kept and what is refused; nothing is kept'],
  ],
  makesMemory: false,
  async run({ memory, options, told }) {
    const command = text(options, 'with');
    if (command === undefined)
      throw new RangeError(
        'Cannot rephrase without a program: nothing is sent anywhere by itself. Add --with "<command>".',
      );
    const week = text(options, 'week') ?? (await memory.done('week')).at(-1);
    if (week === undefined)
      throw new Error('Cannot rephrase: no week is consolidated yet. npm run memory -- consolidate.');
    beginOf(week);
    const findings = await memory.findings(week);
    const shown = [
      ...findings.filter((one) => one.week === week),
      ...lessons(findings, week).map(({ newest }) => newest),
    ];
    const kept = new Set((await memory.overrides(sentencesDocument)).map(({ instead_of }) => instead_of));
    const asked = new Map(shown.map((finding) => [sentence(finding, oneLine), finding]));
    const rows: { key: string; sentence: string; rephrased: string; refused: string | null }[] = [];
    for (const [original, finding] of asked) {
      if (kept.has(original)) continue;
      const rephrased = (await answerOf(command, original)).trim();
      const refused = refusal(finding, rephrased) ?? null;
      rows.push({ key: finding.key, sentence: original, rephrased, refused });
      if (refused === null && options.dryRun !== true)
        await memory.putOverride({
          ...{ document: sentencesDocument, block: hash('sha256', original).slice(0, 12) },
          ...{ text: rephrased, instead_of: original },
        });
    }
    const bad = rows.filter(({ refused }) => refused !== null);
    if (options.dryRun === true) told('Nothing was kept: --dry-run.');
    else if (rows.length > bad.length)
      told(`Kept ${count(rows.length - bad.length, 'sentence')}. Pages have them when they are next written.`);
    const lines = rows.map(({ sentence, rephrased, refused }) =>
      refused === null
        ? `${sentence}\n→ ${oneLine(rephrased)}`
        : `${sentence}\n✗ ${oneLine(rephrased)}\n  Refused: ${oneLine(refused)}. The plain sentence stands.`,
    );
    const already = asked.size - rows.length;
    return {
      json: { week, asked: rows.length, refused: bad.length, already, rows },
      text: lines.join('\n\n') || `Of ${oneLine(week)} there is nothing to rephrase that was not rephrased before.`,
      findings: bad.length > 0,
    };
  },
};

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
