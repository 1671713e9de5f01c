/** What MongoDB says when something goes wrong, and what of it is an answer. */
import { MongoBulkWriteError, MongoServerError } from 'mongodb';

/** False when the id is taken. */
export async function unlessThere(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    throw error;
  }
}

/**
 * All that went wrong is that ids are taken. A connection that broke in the middle names no id at all, and what is there but
 * not on most machines yet is not there.
 */
export function isThere(error: unknown): boolean {
  if (error instanceof MongoBulkWriteError) {
    const errors = [error.writeErrors].flat();
    return (
      errors.length > 0 &&
      errors.every(({ code }) => code === 11000) &&
      !error.result.getWriteConcernError() &&
      !error.err
    );
  }
  return error instanceof MongoServerError && error.code === 11000;
}
