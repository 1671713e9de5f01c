/** Of the database itself: `cleanup`, `check`. */

import { bytes, count, oneLine } from '../words.ts';
import type { Command } from './command.ts';
import { wholeNumber } from './options.ts';

const dayMs = 86_400_000;

export const cleanup: Command = {
  usage: 'cleanup <days>',
  description: 'remove runs that were last heard of so many days ago or earlier, with all that is theirs',
  options: [['--dry-run', 'say what would go; nothing does']],
  async run({ ledger, args: [days = ''], options, now }) {
    const before = new Date(now - wholeNumber('the days', days, 36_500) * dayMs).toISOString();
    const dryRun = options.dryRun === true;
    const gone = dryRun ? await ledger.removable(before) : await ledger.cleanup(before);
    const what = `${count(gone.orchestrations, 'run')} last heard of before ${before}, with ${count(gone.executions, 'execution')}${gone.strays > 0 ? `, and ${count(gone.strays, 'trace')} that no run has claimed` : ''}`;
    const freed = 'bytesFreed' in gone ? `; ${bytes(Number(gone.bytesFreed))} given back` : '';
    return {
      json: { before, dry_run: dryRun, ...gone },
      text: dryRun ? `Would remove ${what}. Nothing was changed.` : `Removed ${what}${freed}.`,
    };
  },
};

export const check: Command = {
  usage: 'check',
  description: 'whether the database is whole; exit 1 if not',
  async run({ ledger, screen, notices = [] }) {
    const damage = (await ledger.damage()) ?? null;
    const text =
      damage === null
        ? screen.paint('green', 'The ledger is whole.')
        : `The ledger is damaged: ${oneLine(damage)}. Export what can be read, then move the file away: the next write begins a new one.`;
    // A file that was set aside a moment ago is whole now, and yet somebody should look.
    return { json: { ok: damage === null, damage, notices }, text, findings: damage !== null || notices.length > 0 };
  },
};
