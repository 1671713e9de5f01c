import type { Exporter } from '../redaction/redacting-exporter.ts';
import type { OwnCost } from './watch.ts';

/** The exporter with its cost on the clock, and the thread that it starts under watch. */
export function watchExporter<Items>(exporter: Exporter<Items>, { clock, sender }: OwnCost): Exporter<Items> {
  return {
    export: (items, done) => clock.timeExport(() => sender.during(() => exporter.export(items, done))),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}
