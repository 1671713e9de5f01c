/** `show <id>`: the dossier of a run, for a terminal, as a page, or as JSON. (B01) */
import { dossier } from '../analysis/dossier.ts';
import type { Run } from '../ledger/run-tree.ts';
import { isRemembered } from '../memory/ask/evidence.ts';
import { oneLine } from '../words.ts';
import type { Command, Given, Outcome } from './command.ts';
import { markdown } from './dossier-markdown.ts';
import { sectionsOf } from './dossier-sections.ts';
import { dossierText } from './dossier-text.ts';
import { findRun, noRun } from './find-run.ts';
import { jsonText } from './json-text.ts';
import { oneOf, text } from './options.ts';
import { runOf } from './run-of.ts';
import { executionTable } from './tables.ts';

/** Where nothing was ever started. */
const noStack = 'No stack runs here: alerts, and who was told of them, are not known. All else is from the ledger.';

const formats = ['text', 'markdown', 'json'] as const;

export const show: Command = {
  usage: 'show <id>',
  description:
    'all about one run: a session id, the beginning or end of one, or "latest"; or what memory knows of day:2026-02-15, week:2026-W07, error:…, decision:…, anomaly:…, lesson:…',
  options: [['--format <format>', `${formats.join(', ')}; default: text`]],
  async run(given) {
    const { ledger, args } = given;
    const [id = ''] = args;
    formatOf(given);
    if (isRemembered(id)) return remembered(id, given);
    const orchestration = await findRun(ledger, id);
    if (orchestration) return shown(await runOf(ledger, orchestration), given);
    // Evidence names work of an agent, too, that belongs to no run.
    const execution = await ledger.execution(id);
    if (!execution) throw noRun(id);
    const its =
      execution.orchestration_id === null ? undefined : await ledger.orchestration(execution.orchestration_id);
    if (its) return shown(await runOf(ledger, its), given);
    const text = `Work of an agent that belongs to no run.\n\n${executionTable([execution], given)}`;
    return formatOf(given) === 'json' ? { text: jsonText(execution), json: execution } : { text };
  },
};

async function remembered(id: string, { memory, screen, ...given }: Given): Promise<Outcome> {
  if (!memory)
    throw new Error(`Cannot open ${oneLine(id)}: no memory is known beside this ledger. Look at "npm run memory".`);
  const { showRemembered } = await import('../memory/ask/show.ts');
  const store = await memory();
  try {
    const outcome = await showRemembered(store, id, screen);
    return formatOf(given) === 'json' ? { text: jsonText(outcome.json), json: outcome.json } : outcome;
  } finally {
    await store.close();
  }
}

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
