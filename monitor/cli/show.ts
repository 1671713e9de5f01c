/** `show <id>`: the dossier of a run, for a terminal, as a page, or as JSON. (B01) */
import { dossier } from '../analysis/dossier.ts';
import type { Run } from '../ledger/run-tree.ts';
import type { Command, Given, Outcome } from './command.ts';
import { markdown } from './dossier-markdown.ts';
import { sectionsOf } from './dossier-sections.ts';
import { dossierText } from './dossier-text.ts';
import { findRun, noRun } from './find-run.ts';
import { jsonText } from './json-text.ts';
import { oneOf, text } from './options.ts';
import { runOf } from './run-of.ts';

/** Where nothing was ever started. */
const noStack = 'No stack runs here: alerts, and who was told of them, are not known. All else is from the ledger.';

const formats = ['text', 'markdown', 'json'] as const;

export const show: Command = {
  usage: 'show <id>',
  description: 'all about one run; a session id, the beginning or end of one, or "latest"',
  options: [['--format <format>', `${formats.join(', ')}; default: text`]],
  async run(given) {
    const { ledger, args } = given;
    const [id = ''] = args;
    formatOf(given);
    const orchestration = await findRun(ledger, id);
    if (!orchestration) throw noRun(id);
    return shown(await runOf(ledger, orchestration), given);
  },
};

/** The dossier of a run, wherever its ledger is. */
export async function shown(run: Run, given: Omit<Given, 'ledger'>): Promise<Outcome> {
  const { now, around, screen } = given;
  const format = formatOf(given);
  const lookedAt = run.orchestration.status === 'running' ? now : undefined;
  const seen = dossier(run, (await around?.(run)) ?? { missing: noStack }, lookedAt);
  if (format === 'json') return { text: jsonText(seen), json: seen };
  if (format === 'markdown') return { text: markdown(sectionsOf(seen, { ...given, options: { absolute: true } })) };
  return { text: dossierText(seen, sectionsOf(seen, given), screen) };
}

/** @throws RangeError for one that is none. */
export function formatOf({ options }: Pick<Given, 'options'>): (typeof formats)[number] {
  return options.json ? 'json' : oneOf('--format', text(options, 'format') ?? 'text', formats);
}
