/** Figures that are part of a name, as in `gpt-5` or `W07b`, are none. */
const number =
  /\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?|\d{4}-W\d{2}|(?<![\w.\-/:@#])[<+-]{0,2}\$?(?:\d{1,3}(?: \d{3})+|\d+(?:\.\d+)?)(?: (?:%|ms|s|min|h|d)(?!\w)|%)?(?![\w/@-]|\.\d)/g;

/** As they stand in a text, with their units: `12`, `$0.0123`, `4.00 s`, `97.5 %`, `2026-02-15`, `2026-W07`. */
export function numbersIn(text: string): string[] {
  return text.match(number) ?? [];
}
