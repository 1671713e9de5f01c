import { key, label } from './attribute.ts';
import { errorType, outcome } from './attributes.ts';
import { counter, gauge, histogram } from './metric.ts';
import { span } from './span.ts';

export const resourceType = label('resource.type', 'What is used up', ['cpu', 'memory', 'disk', 'network', 'capacity']);
export const component = label('component', 'Which part', { atMost: 50 });
export const poolName = label('db.client.connection.pool.name', 'The pool', { atMost: 50 });
export const poolState = label('db.client.connection.state', 'Busy, or ready for use', ['used', 'idle']);
export const dbSystem = label('db.system.name', 'The database, e.g. `sqlite`', { atMost: 20 });
export const dbOperation = label('db.operation.name', 'What was asked, e.g. `SELECT`', { atMost: 50 });

export const resourceUtilization = gauge('resource.utilization', {
  unit: '1',
  means: 'How much of a resource is in use, 0 to 1. CPU and memory of the process are recorded without being asked.',
  labels: [resourceType],
  source: { id: 'T06', name: 'resource_utilization_percentage' },
});

export const healthStatus = gauge('framework.health.status', {
  unit: '{status}',
  means: '2 healthy, 1 degraded, 0 down.',
  labels: [component],
  source: { id: 'T06', name: 'framework_health_status' },
});

export const componentOperations = counter('component.operations', {
  unit: '{operation}',
  means: 'Operations of a part; with `outcome="failure"` its errors. The error rate is one by the other.',
  labels: [component, outcome, errorType],
  source: { id: 'T06', name: 'error_rate_percentage' },
});

export const memoryUsage = gauge('memory.usage', {
  unit: 'By',
  means: 'Memory of a part: `process` is recorded without being asked, others, such as a Redis, by `observeMemory`.',
  labels: [component],
  source: { id: 'T06', name: 'memory_usage_bytes' },
});

export const dbConnections = gauge('db.client.connection.count', {
  unit: '{connection}',
  means: 'Connections of a pool.',
  labels: [poolName, poolState],
  source: { id: 'T08' },
});

export const dbDuration = histogram('db.client.operation.duration', {
  unit: 's',
  means: 'Time of one database call.',
  labels: [dbSystem, dbOperation, errorType],
  buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  source: { id: 'T08' },
});

export const componentOperation = span('component {name}', {
  means: 'One operation of a part of the system.',
  attributes: [component, errorType],
  source: 'T06',
});

export const dbNamespace = key('db.namespace', 'string', 'The database’s name');

export const dbCall = span('{operation} {database}', {
  means: 'One database call made through `database`.',
  kind: 'client',
  attributes: [dbSystem, dbOperation, dbNamespace, errorType],
  source: 'T08',
});
