/** A package that does what it says. */
export function leftPad(text: string, length: number): string {
  return text.padStart(length);
}
