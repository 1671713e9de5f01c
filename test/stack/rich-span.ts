import { randomBytes } from 'node:crypto';

/** One failed HTTP request of a service with a namespace, a version and an environment: every label of a span metric. */
export async function sendRichSpan(endpoint: string): Promise<void> {
  const now = String(BigInt(Date.now()) * 1_000_000n);
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'GET /orders/:id',
    kind: 2,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
    status: { code: 2 },
    attributes: attributes({ 'http.request.method': 'GET', 'http.response.status_code': '503', 'error.type': '503' }),
  };
  const resource = {
    attributes: attributes({
      'service.name': 'orders',
      'service.namespace': 'shop',
      'service.version': '1.2.3',
      'service.instance.id': 'orders-1',
      'deployment.environment.name': 'test',
    }),
  };
  const response = await fetch(`${endpoint}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });
  if (!response.ok)
    throw new Error(`Cannot send a span: ${endpoint} answers ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}

function attributes(values: Record<string, string>) {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
