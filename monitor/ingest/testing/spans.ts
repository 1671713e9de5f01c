/** Spans as OpenTelemetry's own SDK makes them, and requests as its own exporters encode them. */
import { gzipSync } from 'node:zlib';
import { type Attributes, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Encoding } from '../answer.ts';
import type { wanted } from '../span-fact.ts';

export const resource = { 'service.name': 'agents', 'deployment.environment.name': 'test', 'host.name': 'h' };

/** What `make` makes, in the order in which it ended. `span` makes one, and what is made inside is its child. */
export function spansOf(make: (span: Make) => void): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const tracer = new TracerProvider({
    resource: resourceFromAttributes(resource),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  }).getTracer('test');
  const parents: Span[] = [];
  make((name, attributes = {}, inside = () => {}) => {
    const parent = parents.at(-1);
    const around = parent ? trace.setSpan(context.active(), parent) : context.active();
    const span = tracer.startSpan(name, { attributes }, around);
    parents.push(span);
    inside(span);
    parents.pop();
    span.end();
  });
  return exporter.getFinishedSpans();
}

type Make = (name: string, attributes?: Attributes, inside?: (span: Span) => void) => void;

/** A run with everything: what is kept, what is not, and what must never be. */
export function aRun(session = 'session-1'): ReadableSpan[] {
  return spansOf((span) =>
    span('workflow.execute', { 'workflow.id': session, 'workflow.name': 'release' }, () => {
      span('GET /', { 'http.request.method': 'GET' });
      span('agent.execute', { 'agent.name': 'director', 'agent.retries': 1, 'secret.note': 'x' }, () => {
        span('chat gpt-5', {
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': 'gpt-5',
          'gen_ai.usage.input_tokens': 1200,
          'gen_ai.usage.cost.amount': 0.25,
          'llm.cost.known': true,
          'gen_ai.response.finish_reasons': ['stop'],
          'gen_ai.input.messages': 'the prompt',
          'gen_ai.output.messages': 'the answer',
        });
        span('execute_tool search', { 'gen_ai.tool.name': 'search' }, (tool) => {
          const error = new RangeError('no such index');
          error.stack = 'RangeError: no such index\n    at node:fs:1:2\n    at find (/app/search.js:10:5)';
          tool.recordException(error);
          tool.setStatus({ code: SpanStatusCode.ERROR, message: 'no such index' });
        });
        span('openai.embeddings', { 'gen_ai.operation.name': 'embeddings', 'gen_ai.usage.input_tokens': 10 });
        span('process order', { 'order.id': 7 });
      });
    }),
  );
}

export function encoded(spans: ReadableSpan[], encoding: Encoding = 'protobuf'): Buffer {
  const serializer = encoding === 'json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  return Buffer.from(serializer.serializeRequest(spans) as Uint8Array);
}

export const packed = (spans: ReadableSpan[]) => gzipSync(encoded(spans));

/** Everything is wanted, and every attribute. */
export const everything: typeof wanted = { span: () => true, mark: '', attribute: () => true, resource: () => true };
