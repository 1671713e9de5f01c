/** Requests that are encoded once and sent many times: what changes with each sending, times, ids and values, is written in place. */
import { randomFillSync } from 'node:crypto';

/** Writes one thing that changes. `turn`: 0 for the first sending. */
type Fill = (bytes: Buffer, at: number, turn: number, nowMs: number) => void;

/** Where eight bytes will be written: four of these and a number. */
const magic = Buffer.from([0xf5, 0x1e, 0xe7, 0xc5]);

/** One request. The `slot`s are asked for while it is encoded, and found again in the bytes. */
export class Template {
  readonly #fills: Fill[] = [];
  readonly #places: number[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #turn = 0;
  /** Spans, lines, or samples of one sending. */
  readonly units: number;
  /** Bytes that count: of log lines, their text. Else 0. */
  readonly textBytes: number;

  /** `encode` gives the message, for `units` of what is counted. */
  constructor(units: number, encode: (template: Template) => Buffer, textBytes = 0) {
    this.units = units;
    this.textBytes = textBytes;
    this.#bytes = encode(this);
    for (let at = this.#bytes.indexOf(magic); at >= 0; at = this.#bytes.indexOf(magic, at + 8))
      this.#places[this.#bytes.readUInt32LE(at + 4)] = at;
    const lost = this.#fills.findIndex((_, i) => this.#places[i] === undefined);
    if (lost >= 0) throw new Error(`Cannot make a request: its slot ${lost} is not in it. Put it into the message.`);
  }

  get bytes(): number {
    return this.#bytes.length;
  }

  /** Stands for what is filled in with each sending. Width: 8 or 16 bytes. */
  slot(fill: Fill, width = 8): Buffer {
    const mark = Buffer.alloc(width);
    magic.copy(mark);
    mark.writeUInt32LE(this.#fills.push(fill) - 1, 4);
    return mark;
  }

  /** Nanoseconds since 1970, so many before now. */
  time(beforeMs = 0): Buffer {
    return this.slot((bytes, at, _, nowMs) =>
      bytes.writeBigUInt64LE(BigInt(Math.floor(nowMs - beforeMs)) * 1_000_000n, at),
    );
  }

  id(width: 8 | 16): Buffer {
    return this.slot((bytes, at) => randomFillSync(bytes, at, width), width);
  }

  /** A copy of the request as it is to be sent now. */
  next(nowMs = Date.now()): Buffer {
    for (const [i, fill] of this.#fills.entries()) fill(this.#bytes, this.#places[i] as number, this.#turn, nowMs);
    this.#turn++;
    return Buffer.from(this.#bytes);
  }
}

/** A field of Protocol Buffers that is counted: a text, bytes, a message. */
export function field(number: number, content: string | Buffer | readonly Buffer[]): Buffer {
  const bytes = Array.isArray(content) ? Buffer.concat(content) : Buffer.from(content as Buffer);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

/** A field of eight bytes. */
export function eight(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 1), bytes]);
}

export function whole(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

export function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

/** OTLP's attributes under this field's number. */
export function attributes(number: number, given: Readonly<Record<string, string | number | boolean>>): Buffer {
  return Buffer.concat(
    Object.entries(given).map(([key, value]) => field(number, [field(1, key), field(2, anyValue(value))])),
  );
}

function anyValue(value: string | number | boolean): Buffer {
  if (typeof value === 'string') return field(1, value);
  if (typeof value === 'boolean') return whole(2, value ? 1 : 0);
  return Number.isInteger(value) ? whole(3, value) : eight(4, double(value));
}
