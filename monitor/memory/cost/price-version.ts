/** The price table as one has it, and what version that is: by its content, for nobody counts versions of an override. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { loadPrices, type PriceTable } from '../../../instrumentation/src/cost/price-table.ts';
import shipped from '../../../instrumentation/src/cost/prices.json' with { type: 'json' };

export interface VersionedPrices {
  readonly table: PriceTable;
  /** 12 hexadecimal digits. */
  readonly version: string;
}

/** @throws Error where the override cannot be used: history is not priced by prices that nobody asked for */
export function versionedPrices(overrideFile?: string): VersionedPrices {
  const { table, warnings } = loadPrices(overrideFile);
  if (warnings[0])
    throw new Error(
      `Cannot price: ${warnings[0].replace(/ Using the shipped prices\.$/, '')} Mend FLEETSCOPE_PRICES_FILE.`,
    );
  const hash = createHash('sha256').update(JSON.stringify(shipped));
  if (overrideFile) hash.update('\0').update(readFileSync(overrideFile));
  return { table, version: hash.digest('hex').slice(0, 12) };
}
