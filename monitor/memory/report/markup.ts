/** HTML that is escaped by how it is made: what others wrote can only come in as text. */
import { oneLine } from '../../words.ts';

/** Made by `html`, or of text that is ours. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | false | null | undefined | readonly Part[];

/** Parts are text, unless they are markup themselves; lists are joined; `false`, `null` and `undefined` are nothing. */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(pieces.reduce((whole, piece, at) => `${whole}${shown(parts[at - 1])}${piece}`));
}

function shown(part: Part): string {
  if (part === undefined || part === null || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(shown).join('');
  return escaped(typeof part === 'number' ? String(part) : oneLine(part));
}

/** For text and for attributes in either quotes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (code) => `&#${code.charCodeAt(0)};`);
}
