import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

const longestBytes = 8 * 2 ** 20;

/** @throws Refusal of status 413 over 8 MiB, of 400 where it is not JSON; Error where the client has gone. */
export async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read to its end, else the client would see a reset instead of the answer.
    if (length <= longestBytes) chunks.push(chunk);
  }
  if (length > longestBytes) throw new Refusal(413, 'The request is longer than 8 MiB.');
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (cause) {
    throw new Refusal(400, `The body is not JSON: ${(cause as Error).message}`);
  }
}
