/** When the certificate ends by which other parts know a service: it is told before it does. (P06) */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Meter, metrics } from '@opentelemetry/api';
import { certificateEnd } from '../instrumentation/src/catalog/certificates.ts';
import type { Tls } from '../place.ts';
import { Instruments } from './instruments.ts';

/** Looks at the file whenever metrics are collected: tls.ts shows a new one within a minute. One that cannot be read says nothing: tls.ts does. */
export function tellCertificateEnd(
  { certificate }: Pick<Tls, 'certificate'>,
  meter: Meter = metrics.getMeter('fleetscope.service'),
): void {
  new Instruments(meter).observe(certificateEnd, () => {
    const end = endOf(certificate);
    return end === undefined ? [] : [[end / 1000, {}]];
  });
}

/** Milliseconds since 1970. */
function endOf(certificate: string): number | undefined {
  try {
    return new X509Certificate(readFileSync(certificate)).validToDate.getTime();
  } catch {
    return undefined;
  }
}
