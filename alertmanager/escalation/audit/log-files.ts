/** The files of the daily log: one per UTC day of what they tell, a JSON line per audit record, only ever added to. */
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditRecord } from '../store/store.ts';
import { type Head, noHead } from './chain.ts';

const current = /^\d{4}-\d\d-\d\d-escalations\.log$/;
/** Also those of a trail that is not the store's any more: they witness that there was another. */
const any = /^\d{4}-\d\d-\d\d-escalations\.log(\.other-.*)?$/;

export function fileOf({ at }: AuditRecord): string {
  return `${timeOf(at).slice(0, 10)}-escalations.log`;
}

/** The time for people first, then the whole record, so that the line can be verified alone. */
export function lineOf({ number, incident, who, what, why, data, ...place }: AuditRecord): string {
  return `${JSON.stringify({ time: timeOf(place.at), number, incident, who, what, why, data, ...place })}\n`;
}

/** A line is never held up by a time that is none. */
function timeOf(at: number): string {
  const date = new Date(at);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}

/** Adds lines to a file and waits until they are on the disk. */
export async function append(folder: string, file: string, text: string): Promise<void> {
  const opened = await open(join(folder, file), 'a', 0o640);
  try {
    await opened.writeFile(text);
    await opened.datasync();
  } finally {
    await opened.close();
  }
}

/** The record that was written last. A line that a kill tore in two is taken out: it is written again. */
export async function lastWritten(folder: string): Promise<Head> {
  await mkdir(folder, { recursive: true });
  let last = noHead;
  for (const file of await names(folder, current)) {
    await repair(join(folder, file));
    const head = await headOf(join(folder, file));
    if (head && head.number > last.number) last = head;
  }
  return last;
}

/** The last record in each file: what the trail must still say. */
export async function headsOf(folder: string): Promise<Head[]> {
  const heads = await Promise.all((await names(folder, any)).map((file) => headOf(join(folder, file))));
  return heads.filter((head) => head !== undefined);
}

/** Keeps what was written of another trail under other names. @returns the suffix that they got. */
export async function setAside(folder: string): Promise<string> {
  const suffix = `.other-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const file of await names(folder, current)) await rename(join(folder, file), join(folder, file + suffix));
  return suffix;
}

async function names(folder: string, which: RegExp): Promise<string[]> {
  return (await readdir(folder)).filter((name) => which.test(name)).sort();
}

async function repair(path: string): Promise<void> {
  const tail = await readTail(path, (text) => text.includes('\n'));
  const whole = tail.text.lastIndexOf('\n') + 1;
  if (whole === tail.text.length) return;
  const opened = await open(path, 'r+');
  await opened.truncate(tail.from + Buffer.byteLength(tail.text.slice(0, whole), 'latin1'));
  await opened.close();
}

/** The last line that is a record: somebody may have typed into the file. */
async function headOf(path: string): Promise<Head | undefined> {
  const { text } = await readTail(path, (text) => lastHead(text) !== undefined);
  return lastHead(text);
}

function lastHead(text: string): Head | undefined {
  for (const line of text.split('\n').reverse()) {
    try {
      const { number, hash } = JSON.parse(line) as Partial<Head>;
      if (typeof number === 'number' && typeof hash === 'string') return { number, hash };
    } catch {
      // Torn, typed, or cut by the beginning of what was read.
    }
  }
  return undefined;
}

/** The end of a file, as much of it as is needed. Latin 1: one character is one byte; numbers and hashes are ASCII. */
async function readTail(path: string, enough: (text: string) => boolean): Promise<{ text: string; from: number }> {
  const opened = await open(path, 'r');
  try {
    const { size } = await opened.stat();
    for (let length = 65_536; ; length *= 4) {
      const from = Math.max(0, size - length);
      const { buffer, bytesRead } = await opened.read({ buffer: Buffer.alloc(size - from), position: from });
      const text = buffer.toString('latin1', 0, bytesRead);
      if (from === 0 || enough(text)) return { text, from };
    }
  } finally {
    await opened.close();
  }
}
