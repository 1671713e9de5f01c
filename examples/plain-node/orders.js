import { DatabaseSync } from 'node:sqlite';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

// Without a preload this tracer makes spans that do nothing.
const tracer = trace.getTracer('plain-node');
const database = new DatabaseSync(process.env.DATABASE ?? ':memory:');
database.exec(
  'CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL, quantity INTEGER NOT NULL)',
);

/** One order, or undefined. */
export function findOrder(id) {
  return query('SELECT', 'SELECT id, item, quantity FROM orders WHERE id = ?', id)[0];
}

/** Stores an order and gives it its id. */
export function addOrder({ item, quantity }) {
  return query(
    'INSERT',
    'INSERT INTO orders (item, quantity) VALUES (?, ?) RETURNING id, item, quantity',
    item,
    quantity,
  )[0];
}

/** node:sqlite has no instrumentation, so the span is made here, by the conventions for database clients. */
function query(operation, text, ...values) {
  const attributes = {
    'db.system.name': 'sqlite',
    'db.collection.name': 'orders',
    'db.operation.name': operation,
    'db.query.text': text,
  };
  return tracer.startActiveSpan(`${operation} orders`, { kind: SpanKind.CLIENT, attributes }, (span) => {
    try {
      return database.prepare(text).all(...values);
    } catch (error) {
      span.setAttribute('error.type', error.code ?? error.name);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}
