/** One line of JSON, also at a terminal: JSON itself escapes what is below a blank, and leaves the codes from 7F to 9F as they are. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f]/g, (code) => `\\u00${code.charCodeAt(0).toString(16)}`);
}
