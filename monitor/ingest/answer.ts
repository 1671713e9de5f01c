/** Answers of OTLP/HTTP, in the encoding of the request. (opentelemetry-proto, docs/specification.md) */

export type Encoding = 'protobuf' | 'json';

export const mediaTypes = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;

/** Undefined: none that is read. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const [type] = (contentType ?? '').toLowerCase().split(';', 1);
  return (Object.keys(mediaTypes) as Encoding[]).find((encoding) => mediaTypes[encoding] === type?.trim());
}

/** `ExportTraceServiceResponse`. Spans that were rejected are not to be sent again. */
export function accepted(encoding: Encoding, rejected: number, message: string): Buffer | string {
  if (encoding === 'json')
    return JSON.stringify(
      rejected === 0 ? {} : { partialSuccess: { rejectedSpans: String(rejected), errorMessage: message } },
    );
  return rejected === 0
    ? Buffer.alloc(0)
    : bytes(1, Buffer.concat([number(1, rejected), bytes(2, Buffer.from(message))]));
}

/** `google.rpc.Status`; `code` is one of gRPC's. */
export function status(encoding: Encoding, code: number, message: string): Buffer | string {
  if (encoding === 'json') return JSON.stringify({ code, message });
  return Buffer.concat([number(1, code), bytes(2, Buffer.from(message))]);
}

function number(field: number, value: number): Buffer {
  return Buffer.from([field << 3, ...varint(value)]);
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(value.length)]), value]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}
