/**
 * Sentences in other words, by whatever somebody lets rephrase them: a model, say. What it gave is kept as a row (an override of `sentences`), so that
 * pages stay functions of rows; and it stands only while it says the same as the sentence that it was made of. (M02)
 */
import { plain } from '../../markdown.ts';
import { oneLine } from '../../words.ts';
import type { Finding, Override } from '../record.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { numbersIn } from './numbers.ts';
import { otherMeaning } from './same-meaning.ts';
import { inventions, sentence } from './sentence.ts';

/** In the place of the path of a document. */
export const sentencesDocument = 'sentences';

/** One sentence as text of a page, without its evidence. */
export type Wording = (finding: Finding) => string;

/** As it is kept. */
export async function wording(store: Pick<MemoryStore, 'overrides'>): Promise<Wording> {
  return wordingOf(await store.overrides(sentencesDocument));
}

export function wordingOf(kept: readonly Override[]): Wording {
  const others = new Map(kept.map(({ text, instead_of }) => [instead_of, text]));
  return (finding) => {
    const original = sentence(finding, oneLine);
    const other = others.get(original) ?? original;
    // Looked at again: a row may have been changed by a hand.
    return other === original || refusal(finding, other) !== undefined ? sentence(finding) : plain(other);
  };
}

/** Longer than this, it is no other wording. */
const longerBy = 3;

/**
 * Why a rephrased sentence may not stand; undefined: it may. It has the numbers, ids and names of the original, all of them, in the same order, so that
 * no two are exchanged; nothing else that is written as one; the words on which its meaning hangs, and of others only listed ones (same-meaning.ts). How
 * these are put together is not judged: that is for whoever reads what the program answered.
 */
export function refusal(finding: Finding, rephrased: string): string | undefined {
  const original = sentence(finding, oneLine);
  if (rephrased.trim() === '') return 'it is empty';
  if (rephrased !== oneLine(rephrased)) return 'it is more than one line of text';
  if (rephrased.length > longerBy * original.length) return `it is more than ${longerBy} times as long`;
  const [were, are] = [factsOf(finding, original), factsOf(finding, rephrased)];
  const invented = [...new Set([...inventions(rephrased, original), ...are.filter((one) => !were.includes(one))])];
  if (invented.length > 0) return `not in the evidence: ${invented.join(', ')}`;
  const lost = were.filter((one) => !are.includes(one));
  if (lost.length > 0) return `it lost ${lost.join(', ')}`;
  const more = [...new Set(are)].filter((one) => timesOf(one, are) > timesOf(one, were));
  if (more.length > 0) return `it says ${more.join(', ')} more often`;
  if (were.join('\n') !== are.join('\n')) return 'its numbers and names come in another order';
  return otherMeaning(original, rephrased, namesOf(finding));
}

/** Numbers with their units, the names that the finding is about, and what it is held against: each time that it is said, in order. */
function factsOf(finding: Finding, text: string): string[] {
  const found: [string, number][] = [];
  let from = 0;
  for (const one of numbersIn(text)) {
    const at = text.indexOf(one, from);
    found.push([one, at]);
    from = at + one.length;
  }
  const against = oneLine(finding.words.against ?? '');
  for (const name of new Set([...namesOf(finding), ...(against === '' ? [] : [against])]))
    for (const { index } of text.matchAll(new RegExp(`(?<![\\p{L}\\d_-])${literal(name)}(?![\\p{L}\\d_-])`, 'gu')))
      found.push([name, index]);
  return found.sort(([a, one], [b, other]) => one - other || (a < b ? -1 : 1)).map(([fact]) => fact);
}

function timesOf(fact: string, facts: readonly string[]): number {
  return facts.filter((one) => one === fact).length;
}

function namesOf({ words }: Finding): string[] {
  return namesIn
    .flatMap((name) => words[name] ?? [])
    .map(oneLine)
    .filter((name) => name !== '');
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Words of a finding that are names; the others are ours, and may be said otherwise. */
const namesIn = ['agent', 'operation', 'model', 'instead_of', 'way', 'fingerprint', 'error_type'];
