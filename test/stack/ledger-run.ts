/** A run as a request to the Collector, in JSON. */
import { randomBytes } from 'node:crypto';

/** A workflow with a model call, the prompt with it, and a span that is nobody's. */
export function aRun(session: string) {
  const traceId = randomBytes(16).toString('hex');
  const root = randomBytes(8).toString('hex');
  const startTimeUnixNano = `${Date.now() - 2000}000000`;
  const endTimeUnixNano = `${Date.now() - 1000}000000`;
  const span = (name: string, attributes: Record<string, string>, ids: object) => ({
    ...{ traceId, name, startTimeUnixNano, endTimeUnixNano, kind: 1, ...ids },
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } })),
  });
  const child = () => ({ spanId: randomBytes(8).toString('hex'), parentSpanId: root });
  const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm', 'gen_ai.input.messages': 'the prompt' };
  const spans = [
    span('workflow.execute', { 'workflow.id': session, 'workflow.name': 'release' }, { spanId: root }),
    span('ai.generateText.doGenerate', call, child()),
    span('GET /', {}, child()),
  ];
  return { resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ scope: { name: 'test' }, spans }] }] };
}
