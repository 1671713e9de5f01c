/**
 * Which words a rephrased sentence may have: those of the original, those that are listed here as saying the same, and those that say nothing by
 * themselves. Whatever is not listed is refused, so that no word has to be known as a bad one. Pure.
 */

/** Articles, pronouns, auxiliaries, what binds. None that denies, doubts, weighs, counts, compares or says why. */
const saysNothing = new Set(
  words(
    'a an the this that these those it its they them their he she which who whose what there here then and as of on in at for',
    'is are be being having do does while when whereas respectively',
  ),
);

/** What was so, and may be no longer. None may come, none may go; `was seen` says what `came` says. */
const past = new Set(words('was were had'));
const seen = new Set(words('seen met observed found'));

/** These say nothing more of what was before; of what is they would. */
const perfect = new Set(words('has have been did'));
const isPerfect = new Set(words('has been came rose fell'));

/** One may stand for another of its line; a word may stand in several. */
const sayTheSame = [
  words('cost costs costing needs spends takes price priced'),
  words(
    'came come comes coming occurred occurs seen met appeared appears happened happens observed found showed shows',
  ),
  words('back came come comes'),
  words('seems seem appears'),
  words('time duration'),
  words('task tasks execution executions'),
  words('tool tools'),
  words('agent agents'),
  words('times occasions occurrences'),
  words('day days'),
  words('fail fails failed failing failure failures'),
  words('given handed'),
  words('choice option'),
  words('against versus than'),
  words('other others another'),
];

/** Where it came from, and where it went: the order of these may not turn round, though one of them may be left out. */
const leading = new Set(words('from to since after before until against versus than where with by'));

/** Without one of these nobody knows any more since when, or against what: of them none may come, none may go. */
const holding = new Map(words('since after').map((one) => [one, one]));
for (const one of words('than against versus')) holding.set(one, 'than or against');

/** Words of the one that the other does not bear, each once. @param were of the original */
export function strangeWords(were: readonly string[], are: readonly string[]): string[] {
  const may = new Set([...were, ...groupsOf(were).flat(), ...saysNothing, ...past]);
  if (were.some((word) => isPerfect.has(word))) for (const word of perfect) may.add(word);
  return [...new Set(are)].filter((word) => !may.has(word));
}

/** What holds a sentence to its time and to what it compares, in its order: the same in both. */
export function heldTo(some: readonly string[]): string[] {
  return some.flatMap((word, at) => {
    if (past.has(word)) return word !== 'had' && seen.has(some[at + 1] ?? '') ? [] : [word];
    // `came back on` is `is back since`.
    if (word === 'on' && some[at - 1] === 'back') return ['since'];
    return holding.get(word) ?? [];
  });
}

/** What the original says, and the other leaves out. */
export function unsaidWords(were: readonly string[], are: readonly string[]): string[] {
  const said = new Set([...are, ...groupsOf(are).flat()]);
  const isFree = (word: string) => [saysNothing, leading, past, perfect].some((free) => free.has(word));
  return [...new Set(were)].filter((word) => !isFree(word) && !said.has(word));
}

/** Those that lead come in the order of the original. */
export function leadAlike(were: readonly string[], are: readonly string[]): boolean {
  const left = were.filter((word) => leading.has(word));
  return are
    .filter((word) => leading.has(word) && were.includes(word))
    .every((word) => {
      const at = left.indexOf(word);
      left.splice(0, at + 1);
      return at >= 0;
    });
}

function groupsOf(some: readonly string[]): (readonly string[])[] {
  return sayTheSame.filter((group) => group.some((word) => some.includes(word)));
}

function words(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(' '));
}
