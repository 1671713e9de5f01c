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

/** A URL as it may be shown: user, password and options are nobody's concern, some of these are secrets as well. */
export function shownUrl(url: string): string {
  // In this order: a password that is not encoded may have a question mark.
  return url.replace(/\/\/.*@/s, '//').replace(/\?.*/s, '');
}

/** What was said, without what the URL keeps secret: the driver repeats a URL that it cannot read. */
export function saidOf(error: unknown, url: string): string {
  let said = error instanceof Error ? error.message : String(error);
  said = said.replaceAll(url, shownUrl(url)).replaceAll(/\/\/[^\s"']*@/g, '//');
  for (const [name, value] of new URLSearchParams(/\?(.*)$/s.exec(url)?.[1]))
    if (value && /password|properties/i.test(name)) said = said.replaceAll(value, '…');
  return said.replace(/\.$/, '');
}
