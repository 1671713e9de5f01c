/** The configuration lines of Tempo we run: 3.0 is shipped, 2.8 is the newest that builds from a Go module. */
export type TempoLine = (typeof lines)[number];

const lines = ['3.0', '2.8'] as const;

/** The line of a release such as `2.8.0-rc.0`: each refuses the other's keys. */
export function tempoLine(release: string): TempoLine {
  const line = lines.find((known) => release.replace(/^v/, '').startsWith(`${known}.`));
  if (line) return line;
  throw new RangeError(`Cannot configure Tempo ${release}: its keys are not known. Use one of ${lines.join(', ')}.`);
}
