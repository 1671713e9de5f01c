/**
 * Words on which the meaning of a sentence hangs: what turns it round (`not`, `never`), which way it goes (`fails`, `rose`, `gone`), how many in words.
 * A rephrased sentence has those of its original, all of them, in the same order, and no other; of all other words only those of vocabulary.ts. Pure.
 */
import { heldTo, leadAlike, strangeWords, unsaidWords } from './vocabulary.ts';

const turning = [
  ...['no', 'not', 'never', 'none', 'nor', 'neither', 'nothing', 'nobody', 'nowhere', 'without', 'longer', 'more'],
  ...['less', 'fewer', 'hardly', 'barely', 'scarcely', 'rarely', 'seldom', 'unless', 'except'],
];
const going = [
  ...['fail', 'fails', 'failed', 'failing', 'failure', 'failures', 'succeed', 'succeeds', 'succeeded'],
  ...[
    'rise',
    'rises',
    'rose',
    'risen',
    'fall',
    'falls',
    'fell',
    'fallen',
    'gone',
    'back',
    'better',
    'worse',
    'best',
    'worst',
  ],
];
const counting = [
  ...[
    'two',
    'three',
    'four',
    'five',
    'six',
    'seven',
    'eight',
    'nine',
    'ten',
    'dozen',
    'hundred',
    'thousand',
    'million',
  ],
  ...['half', 'quarter', 'third', 'twice', 'thrice', 'double', 'doubled', 'triple', 'tripled', 'fold'],
];
const watched = new Set([...turning, ...going, ...counting]);

/** Why the meaning may be another; undefined: nothing of this kind is seen. @param names that stand in both as they are */
export function otherMeaning(original: string, rephrased: string, names: readonly string[]): string | undefined {
  const strange = [...rephrased].filter((one) => isStrange.test(one) && !original.includes(one));
  if (strange.length > 0) return `not in the evidence: ${[...new Set(strange)].join(', ')}`;
  const [were, are] = [wordsOf(original, names), wordsOf(rephrased, names)];
  const parts = names.flatMap((name) => wordsOf(name, [])).filter((part) => part.length > 1 && !were.includes(part));
  const torn = parts.filter((part) => are.includes(part));
  if (torn.length > 0) return `not in the evidence: ${[...new Set(torn)].join(', ')}`;
  const [had, has] = [were.filter((one) => watched.has(one)), are.filter((one) => watched.has(one))];
  const turned = difference(had, has);
  if (turned !== undefined) return turned;
  if (endsIn(rephrased) > endsIn(original)) return 'it is more sentences';
  const marks = [...new Set(rephrased.match(/[?!"“”«»‹›„*_~^=<>|\\{}[\]]/gu))].filter((one) => !original.includes(one));
  if (marks.length > 0) return `it added ${marks.join(' ')}`;
  const foreign = strangeWords(were, are);
  if (foreign.length > 0) return `no word of the original says "${foreign.join('", "')}"`;
  const unsaid = unsaidWords(were, are);
  if (unsaid.length > 0) return `it no longer says "${unsaid.join('", "')}"`;
  const moved = difference(heldTo(were), heldTo(are));
  if (moved !== undefined) return moved;
  if (timesOf('been', are) > Math.max(1, timesOf('been', were))) return 'it says "been" more often';
  return leadAlike(were, are) ? undefined : 'what leads from one to the other comes in another order';
}

/** Digits that are none of 0 to 9, and letters that are not Latin: they look like others, and would be looked for in vain. */
const isStrange = /[^\P{N}0-9]|[^\P{L}\p{Script=Latin}]|[\uff01-\uff5e]/u;

/** Without the names; `isn't` as `is not`. */
function wordsOf(text: string, names: readonly string[]): string[] {
  const longest = names.toSorted((a, b) => b.length - a.length);
  const rest = longest.reduce((left, name) => left.replaceAll(name, ' '), text);
  const plain = rest
    .normalize('NFKC')
    .toLowerCase()
    .replace(/n['’]t\b/g, ' not')
    .replaceAll('cannot', 'can not');
  return plain.match(/\p{L}+/gu) ?? [];
}

function difference(had: readonly string[], has: readonly string[]): string | undefined {
  const [lost, added] = [lacking(had, has), lacking(has, had)];
  if (lost.length > 0) return `it lost "${lost.join('", "')}"`;
  if (added.length > 0) return `it added "${added.join('", "')}"`;
  return had.join() === has.join() ? undefined : `"${has.join('", "')}" come in another order`;
}

/** Those of the one that the other does not have as often. */
function lacking(these: readonly string[], those: readonly string[]): string[] {
  const left = [...those];
  return these.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function timesOf(word: string, some: readonly string[]): number {
  return some.filter((one) => one === word).length;
}

function endsIn(text: string): number {
  return text.match(/[.!?…](?=\s|$)/g)?.length ?? 0;
}
