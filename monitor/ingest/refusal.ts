/** Why a request is not taken, and whether its sender should come again. */
import type { ValueOf } from '../../instrumentation/src/catalog/attribute.ts';
import type { ingestRefusalReason } from '../../instrumentation/src/catalog/monitor.ts';

export type Reason = ValueOf<typeof ingestRefusalReason>;

/**
 * A Collector gives up what is answered with anything but 429, 502, 503 and 504 (otlphttpexporter, `isRetryableStatusCode`), 500
 * and 408 included: what is our fault is 503.
 */
const kinds = {
  unauthenticated: { http: 401, grpc: 16 },
  oversize: { http: 413, grpc: 3 },
  unsupported: { http: 415, grpc: 3 },
  malformed: { http: 400, grpc: 3 },
  busy: { http: 429, grpc: 8, retryAfterSeconds: 1 },
  unavailable: { http: 503, grpc: 14, retryAfterSeconds: 5 },
} as const satisfies Record<Reason, { http: number; grpc: number; retryAfterSeconds?: number }>;

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: Reason;

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }

  get kind(): { readonly http: number; readonly grpc: number; readonly retryAfterSeconds?: number } {
    return kinds[this.reason];
  }
}
