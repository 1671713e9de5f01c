/** Protocol Buffers as they are on the wire, read in place. (https://protobuf.dev/programming-guides/encoding) */

/** What the bytes break. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

export type Wire = 'varint' | 'fixed64' | 'bytes' | 'fixed32';

const wires: Record<number, Wire> = { 0: 'varint', 1: 'fixed64', 2: 'bytes', 5: 'fixed32' };

/**
 * Goes from field to field of one message. After `next()` says a field's number, exactly one reading call takes its value, or
 * the next `next()` passes over it. Values of another wire type than the one asked for are a `WireError`.
 */
export class Message {
  readonly bytes: Buffer;
  readonly #end: number;
  #at: number;
  #wire: Wire | undefined;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  /** The number of the next field; 0 at the end. */
  next(): number {
    if (this.#wire !== undefined) this.#skip();
    if (this.#at === this.#end) return 0;
    const tag = this.#size();
    const wire = wires[tag & 7];
    const field = tag >>> 3;
    if (wire === undefined || field === 0) throw new WireError(`a field begins with ${tag}`);
    this.#wire = wire;
    return field;
  }

  /** Where a nested message, a text or bytes begin and end. */
  range(): readonly [at: number, end: number] {
    this.#take('bytes');
    const length = this.#size();
    const at = this.#at;
    this.#forward(length);
    return [at, at + length];
  }

  message(): Message {
    return new Message(this.bytes, ...this.range());
  }

  text(): string {
    return this.bytes.toString('utf8', ...this.range());
  }

  hex(): string {
    return this.bytes.toString('hex', ...this.range());
  }

  fixed64(): bigint {
    this.#take('fixed64');
    const at = this.#at;
    this.#forward(8);
    return this.bytes.readBigUInt64LE(at);
  }

  double(): number {
    this.#take('fixed64');
    const at = this.#at;
    this.#forward(8);
    return this.bytes.readDoubleLE(at);
  }

  /** A signed whole number of 64 bits. */
  int64(): bigint {
    this.#take('varint');
    return BigInt.asIntN(64, this.#varint());
  }

  #take(wire: Wire): void {
    if (this.#wire !== wire) throw new WireError(`a field is ${this.#wire}, not ${wire}`);
    this.#wire = undefined;
  }

  #skip(): void {
    const wire = this.#wire;
    this.#wire = undefined;
    if (wire === 'varint') this.#varint();
    else if (wire === 'bytes') this.#forward(this.#size());
    else this.#forward(wire === 'fixed64' ? 8 : 4);
  }

  #forward(length: number): void {
    if (length > this.#end - this.#at)
      throw new WireError(`${length} bytes are announced, ${this.#end - this.#at} follow`);
    this.#at += length;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new WireError('it ends in the middle of a number');
    return this.bytes[this.#at++] as number;
  }

  /** A length or a tag: at most 32 bits. */
  #size(): number {
    let size = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (size > 0xffff_ffff) break;
        return size;
      }
    }
    throw new WireError('a length is longer than 32 bits');
  }

  #varint(): bigint {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError('a number is longer than 64 bits');
  }
}
