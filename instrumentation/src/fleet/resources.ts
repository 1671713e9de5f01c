import type { ValueOf } from '../catalog/attribute.ts';
import {
  componentOperation,
  componentOperations,
  dbCall,
  dbConnections,
  dbDuration,
  healthStatus,
  memoryUsage,
  type resourceType,
  resourceUtilization,
} from '../catalog/resources.ts';
import { given, textOf } from './given.ts';
import { observe } from './observed.ts';
import { add, record } from './record.ts';
import { run } from './run.ts';

const levels = { healthy: 2, degraded: 1, down: 0 } as const;

/** How a part of the system is, from now on. (T06) */
export function health(component: string, status: keyof typeof levels): void {
  record(healthStatus, levels[textOf(status) as typeof status], { component });
}

/** An operation of a part of the system: with its errors, the error rate of the part. (T06) */
export function operation<T>(component: string, fn: () => T): T {
  return run(
    {
      declaration: componentOperation,
      name: `component ${textOf(component)}`,
      attributes: { component },
      onEnd: ({ outcome, errorType }) => add(componentOperations, 1, { component, outcome, 'error.type': errorType }),
    },
    fn,
  );
}

/** How much of a resource is in use, 0 to 1, read whenever metrics are collected. (T06) */
export function observeUtilization(type: ValueOf<typeof resourceType>, read: () => number) {
  return observe(resourceUtilization, () => [[read(), { 'resource.type': type }]]);
}

/** Memory of a part, in bytes, e.g. what a Redis said last of `used_memory`. (T06, T08) */
export function observeMemory(component: string, read: () => number) {
  return observe(memoryUsage, () => [[read(), { component }]]);
}

/** Connections of a pool. (T08) */
export function observePool(name: string, read: () => { used: number; idle: number }) {
  const pool = { 'db.client.connection.pool.name': name };
  return observe(dbConnections, () => {
    const { used, idle } = read();
    return [
      [used, { ...pool, 'db.client.connection.state': 'used' as const }],
      [idle, { ...pool, 'db.client.connection.state': 'idle' as const }],
    ] as const;
  });
}

export interface DatabaseOptions {
  /** e.g. `sqlite`. */
  system: string;
  /** What is asked, one of few, e.g. `SELECT`. */
  operation: string;
  /** The database's name. */
  database?: string;
}

/** One database call, for databases that no instrumentation covers. The query's text is not recorded. (T08) */
export function database<T>(options: DatabaseOptions, fn: () => T): T {
  const { system, operation, database: name } = given(options);
  const labels = { 'db.system.name': system, 'db.operation.name': operation };
  return run(
    {
      declaration: dbCall,
      name: name ? `${operation} ${name}` : operation,
      attributes: { ...labels, 'db.namespace': name },
      onEnd: ({ seconds, errorType }) => record(dbDuration, seconds, { ...labels, 'error.type': errorType }),
    },
    fn,
  );
}
