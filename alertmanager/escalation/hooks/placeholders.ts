/** `{gen_ai_tool_name}`, `{incident.id}`: where a value of an alert or an incident may stand. */

/** A label of an alert, or one of the incident's own facts. */
export const placeName = /^(?:[A-Za-z_]\w*|incident\.(?:id|title|severity|team))$/;

const place = /\{([A-Za-z_]\w*(?:\.\w+)?)\}/g;

/** The names in a text, in order. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(place)].map(([, name]) => name as string);
}

/** The name, where the text is that place and nothing else. */
export function wholePlace(text: string): string | undefined {
  return /^\{([A-Za-z_]\w*(?:\.\w+)?)\}$/.exec(text)?.[1];
}

/** The text with each place filled. @throws Error for a place without a value. */
export function fill(
  text: string,
  values: Readonly<Record<string, string>>,
  encode = (value: string) => value,
): string {
  return text.replace(place, (_, name: string) => encode(valueFor(name, values)));
}

/** @throws Error for a place without a value. */
export function valueFor(name: string, values: Readonly<Record<string, string>>): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new Error(`Cannot fill {${name}}: the alert has no such label.`);
  return value;
}
