import type { ExportResult } from '@opentelemetry/core';

export interface Exporter<Items> {
  export(items: Items, done: (result: ExportResult) => void): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** The exporter behind `redact`: the last moment before bytes, so once per item that leaves and never for one that does not. */
export function redacting<Items>(exporter: Exporter<Items>, redact: (items: Items) => Items): Exporter<Items> {
  return {
    export: (items, done) => exporter.export(redact(items), done),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}
