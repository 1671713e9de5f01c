/** What the runtime, the instrumentations and this package record without being asked; names as they give them. */
import { label } from './attribute.ts';
import { answerSeconds, errorType } from './attributes.ts';
import { counter, gauge, histogram } from './metric.ts';

const method = label('http.request.method', 'Method', { atMost: 10 });
const scheme = label('url.scheme', 'http or https', { atMost: 2 });
const route = label('http.route', 'Route, e.g. `/orders/:id`', { atMost: 500, absentWhen: 'no framework names it' });
const statusCode = label('http.response.status_code', 'Status', { atMost: 60, absentWhen: 'no answer came' });
const protocolVersion = label('network.protocol.version', 'HTTP version', { atMost: 4, absentWhen: 'no answer came' });
const serverAddress = label('server.address', 'Host asked', { atMost: 200 });
const serverPort = label('server.port', 'Port asked', { atMost: 200, absentWhen: 'it is the default' });
const heapSpace = label('v8js.heap.space.name', 'Part of the heap', { atMost: 12 });

export const httpServerDuration = histogram('http.server.request.duration', {
  unit: 's',
  means: 'Response times of this service’s own API. Its count per second is `api_requests_per_second`.',
  labels: [method, scheme, route, statusCode, protocolVersion, errorType],
  buckets: answerSeconds,
  source: { id: 'T06', name: 'api_requests_per_second' },
  by: 'http',
});

export const httpClientDuration = histogram('http.client.request.duration', {
  unit: 's',
  means: 'Response times of the services that this one asks.',
  labels: [method, serverAddress, serverPort, statusCode, protocolVersion, scheme, errorType],
  buckets: answerSeconds,
  source: { id: 'T08' },
  by: 'http',
});

export const eventLoopDelayP99 = gauge('nodejs.eventloop.delay.p99', {
  unit: 's',
  means: 'Event-loop lag: 99 of 100 turns were late by less.',
  labels: [],
  source: { id: 'T08' },
  by: 'runtime-node',
});

export const eventLoopDelayMean = gauge('nodejs.eventloop.delay.mean', {
  unit: 's',
  means: 'Event-loop lag, mean.',
  labels: [],
  source: { id: 'T08' },
  by: 'runtime-node',
});

export const eventLoopDelayMax = gauge('nodejs.eventloop.delay.max', {
  unit: 's',
  means: 'Event-loop lag, the worst turn.',
  labels: [],
  source: { id: 'T08' },
  by: 'runtime-node',
});

export const eventLoopUtilization = gauge('nodejs.eventloop.utilization', {
  unit: '1',
  means: 'Share of the time the event loop was busy.',
  labels: [],
  source: { id: 'T08' },
  by: 'runtime-node',
});

export const gcDuration = histogram('v8js.gc.duration', {
  unit: 's',
  means: 'Pauses for garbage collection.',
  labels: [label('v8js.gc.type', 'Kind of collection', ['major', 'minor', 'incremental', 'weakcb'])],
  buckets: [0.01, 0.1, 1, 10],
  source: { id: 'T08' },
  by: 'runtime-node',
  needs: 'a garbage collection',
});

export const heapUsed = gauge('v8js.memory.heap.used', {
  unit: 'By',
  means: 'Heap in use.',
  labels: [heapSpace],
  source: { id: 'T08' },
  by: 'runtime-node',
});

export const processCpuTime = counter('process.cpu.time', {
  unit: 's',
  means: 'CPU time of the process, all threads.',
  labels: [label('cpu.mode', 'Where it was spent', ['user', 'system'])],
  source: { id: 'T08' },
  by: 'runtime',
});

export const processMemory = gauge('process.memory.usage', {
  unit: 'By',
  means: 'Resident memory of the process.',
  labels: [],
  source: { id: 'T08' },
  by: 'runtime',
});

export const processDiskIo = counter('process.disk.io', {
  unit: 'By',
  means: 'Bytes the process read from and wrote to disks.',
  labels: [label('disk.io.direction', 'To or from the disk', ['read', 'write'])],
  source: { id: 'T08' },
  by: 'runtime',
  needs: 'Linux',
});
