/** How a span of the fleet is told: what the run ledger is given. Anything else is none of its business. */
import { spans } from './catalog.ts';
import { inference, operationName } from './llm.ts';
import type { SpanDeclaration } from './span.ts';

interface Form {
  readonly declaration: SpanDeclaration;
  /** The name, or how it begins. */
  readonly text: string;
  readonly goesOn: boolean;
}

const forms: readonly Form[] = spans.filter(({ by }) => by === 'fleet').flatMap(formsOf);
const whole = new Map(forms.filter(({ goesOn }) => !goesOn).map(({ text, declaration }) => [text, declaration]));
const beginnings = forms.filter(({ goesOn }) => goesOn);

/** What the catalogue says of a span with this name; undefined: it is not of the fleet. */
export function fleetSpan(name: string): SpanDeclaration | undefined {
  return (
    whole.get(name) ?? beginnings.find(({ text }) => name.length > text.length && name.startsWith(text))?.declaration
  );
}

/** The same as names, in which `*` is anything but nothing: the Collector filters by them. */
export const fleetSpanNames: readonly string[] = forms.map(({ text, goesOn }) => (goesOn ? `${text}*` : text));

/** A name that begins with what is filled in, such as `{operation} {database}`, tells nothing by itself. */
function formsOf(declaration: SpanDeclaration): Form[] {
  const [text = '', hole] = declaration.name.split('{', 2);
  if (hole === undefined) return [{ declaration, text, goesOn: false }];
  // A model call is named after what it asks for: `chat …`, `embeddings …`.
  if (declaration.name === inference.name)
    return (operationName.values ?? []).map((operation) => ({ declaration, text: `${operation} `, goesOn: true }));
  return text === '' ? [] : [{ declaration, text, goesOn: true }];
}

/** What the Collector puts on spans of AI calls, whichever library made and named them: such a span is of the fleet as well. */
export const fleetMark = operationName.name;
