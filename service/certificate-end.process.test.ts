import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { afterAll, expect, test } from 'vitest';
import { certificateEnd } from '../instrumentation/src/catalog/certificates.ts';
import { selfMade } from '../k8s/certificates.ts';
import { tellCertificateEnd } from './certificate-end.ts';

class Reader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-certificate-end-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('P06 a service tells when its certificate ends, and of a new one when that does', async () => {
  const certificate = join(folder, 'tls.crt');
  const reader = new Reader();
  tellCertificateEnd({ certificate }, new MeterProvider({ readers: [reader] }).getMeter('test'));
  const told = async () => {
    const { resourceMetrics } = await reader.collect();
    const [metric] = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    if (metric) expect(metric.descriptor).toMatchObject({ name: certificateEnd.name, unit: 's' });
    return metric?.dataPoints.map(({ value }) => value as number) ?? [];
  };
  // A file that is not there, or no certificate, says nothing.
  expect(await told()).toEqual([]);
  writeFileSync(certificate, 'no certificate');
  expect(await told()).toEqual([]);

  for (const days of [20, 90]) {
    writeFileSync(certificate, (await selfMade(['monitor'], days)).certificate);
    const [end, ...others] = await told();
    expect(others).toEqual([]);
    expect(Math.round(((end as number) - Date.now() / 1000) / 86_400)).toBe(days);
  }
});
