/** HTML that was written here, not by an alert. Everything else is escaped when it is put in. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

type Piece = Html | string | number | undefined | null | false | readonly Piece[];

/** html`<p>${name}</p>`: holes are escaped; lists are joined; undefined, null and false are nothing. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(strings.reduce((text, string, at) => text + asText(pieces[at - 1]) + string));
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function asText(piece: Piece): string {
  if (piece instanceof Html) return piece.text;
  if (Array.isArray(piece)) return piece.map(asText).join('');
  if (piece === undefined || piece === null || piece === false) return '';
  return String(piece).replace(/[&<>"']/g, (sign) => entities[sign] as string);
}

/** An address that an alert gave, if a browser may go there: `javascript:` is an address, too. */
export function webAddress(text: string | undefined): string | undefined {
  return text && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined;
}
