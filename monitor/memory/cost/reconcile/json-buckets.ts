/** The buckets of a report, one at a time: pages of an API as they came, alone, in a list, or one after the other. */

export interface Bucket {
  /** The line that it begins in, from 1. */
  readonly line: number;
  readonly value: unknown;
}

interface Open {
  readonly kind: '{' | '[';
  /** Of what it is the value. Of what stands in a list, none. */
  readonly key: string | undefined;
}

/** A day of an organisation, by key, project and model, has thousands of results of 300 characters. */
const longestBucket = 64 * 1024 * 1024;

/** Numbers that would lose digits are their text: money is decimal. @throws Error that names the file and the line */
export async function* jsonBuckets(chunks: AsyncIterable<string>, file: string): AsyncGenerator<Bucket> {
  const open: Open[] = [];
  let [line, begun, depth] = [1, 1, 0];
  /** What is read of a bucket, chunk by chunk. */
  let bucket: string[] | undefined;
  let length = 0;
  let [isString, isEscaped] = [false, false];
  /** The last string outside of buckets: of what a colon follows it is the name. */
  let string = '';
  let key: string | undefined;
  for await (const chunk of chunks) {
    // Where in this chunk the bucket begins.
    let from = 0;
    let at = -1;
    while (++at < chunk.length) {
      if (isEscaped) {
        isEscaped = false;
        continue;
      }
      const next = nextOf(isString ? inString : telling, chunk, at);
      if (isString && !bucket) string += chunk.slice(at, next);
      at = next;
      const char = chunk.charAt(at);
      if (char === '\n') line++;
      else if (char === '\\') isEscaped = isString;
      else if (char === '"') {
        isString = !isString;
        if (isString) string = '';
      } else if (isString || char === '') continue;
      else if (char === ':') key = bucket ? key : string;
      else if (char === '{' || char === '[') {
        if (!bucket && char === '{' && open.at(-1)?.kind === '[' && open.at(-1)?.key === 'data')
          [bucket, begun, depth, from, length] = [[], line, 0, at, 0];
        if (bucket) depth++;
        else open.push({ kind: char, key: open.at(-1)?.kind === '{' ? key : undefined });
      } else if (bucket) {
        if (--depth > 0) continue;
        yield { line: begun, value: parsed([...bucket, chunk.slice(from, at + 1)].join(''), begun, file) };
        bucket = undefined;
      } else if (open.pop()?.kind !== (char === '}' ? '{' : '['))
        throw new Error(`Cannot read ${file}: line ${line} has a ${char} that closes nothing. Export it again.`);
    }
    bucket?.push(chunk.slice(from));
    length += chunk.length - from;
    if (bucket && length > longestBucket)
      throw new Error(`Cannot read ${file}: the bucket of line ${begun} does not end. Ask for fewer groups.`);
  }
  if (bucket || isString || open.length > 0)
    throw new Error(`Cannot read ${file}: it ends in the middle, in line ${line}. Export it again.`);
}

const telling = /["{}[\]:\n]/g;
const inString = /["\\\n]/g;

/** The end, if there is none. */
function nextOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}

function parsed(text: string, line: number, file: string): unknown {
  try {
    // As doubles, 0.1 and 0.2 do not come to 0.3.
    return JSON.parse(text, (_, value, context?: { readonly source?: string }) =>
      typeof value === 'number' && !Number.isSafeInteger(value) ? (context?.source ?? value) : value,
    );
  } catch (cause) {
    throw new Error(`Cannot read ${file}: line ${line}: ${(cause as Error).message}. Export it again.`, { cause });
  }
}
