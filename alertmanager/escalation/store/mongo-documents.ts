import { MongoServerError } from 'mongodb';
import type { Instant } from '../clock.ts';
import type { Row } from './row.ts';

/** An incident in `incidents`. */
export interface IncidentDocument extends Omit<Row, 'id'> {
  readonly _id: string;
  /** The key while it is not resolved: unique, so that two machines do not open it twice. */
  readonly openKey?: string;
  /** Journal entries as JSON that are not in the audit trail yet; saved with what they tell of. */
  readonly journal: readonly string[];
}

/** A record in `audit`: the number is the id, so that two machines cannot both write it. */
export interface ChainedDocument {
  readonly _id: number;
  readonly id: string;
  readonly incident: string;
  readonly previous: string;
  readonly hash: string;
  /** Canonical JSON, as it was hashed. */
  readonly entry: string;
}

/** A token in `spent`, a name in `leases`. */
export interface LapsingDocument {
  readonly _id: string;
  readonly until: Instant;
  readonly holder?: string;
}

/** A unique index says that it is there already. */
export function isTaken(error: unknown): boolean {
  // FerretDB names a unique index that an update violates in words only.
  return error instanceof MongoServerError && (error.code === 11000 || /UNIQUE constraint failed/.test(error.message));
}
