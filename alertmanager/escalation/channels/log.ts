/** The last resort: a line on standard output, which whoever runs the service has. */
import type { Channel } from './channel.ts';
import { plain, textOf } from './text.ts';

/** @param write One line, without its end. Default: standard output. */
export function openLog(write: (line: string) => void = (line) => process.stdout.write(`${line}\n`)): Channel {
  return {
    async send(message) {
      const { title, summary, facts, labels, key } = textOf(message);
      const { id, severity, team } = message.incident;
      try {
        write(
          JSON.stringify({
            level: message.kind === 'resolved' ? 'info' : 'warn',
            event: 'escalation.message',
            kind: message.kind,
            incident: id,
            severity,
            team,
            key,
            person: message.person?.name,
            title,
            summary,
            facts: Object.fromEntries(facts.map((fact) => [fact.name, plain(fact)])),
            labels,
            // Not those that answer: a log is read by more people than a message.
            page: message.links.page,
          }),
        );
      } catch {
        // Standard output is gone: there is nowhere left to say so.
      }
      return {};
    },
  };
}
