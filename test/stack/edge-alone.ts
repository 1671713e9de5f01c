import { mkdtempSync, rmSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processes } from '../../engine/processes.ts';
import { needSecrets } from '../../engine/secrets.ts';
import { Supervisor } from '../../engine/supervisor.ts';
import { type Edge, native, type Place } from '../../place.ts';
import { freePort } from './free-port.ts';
import { bend, freePorts, programs } from './stack.ts';

/** The shipped Collector with its second door and without its neighbours: what it takes waits in its queue. */
export interface EdgeAlone {
  readonly plain: { readonly grpc: number; readonly http: number };
  readonly edge: Edge['ports'];
  stop(): Promise<void>;
}

export async function startEdgeAlone(files: Omit<Edge, 'ports'>): Promise<EdgeAlone> {
  const home = mkdtempSync(join(tmpdir(), 'fleetscope-edge-'));
  const free = await freePorts();
  const ports = {
    'edge-grpc': await freePort(),
    'edge-http': await freePort(),
  };
  const place: Place = {
    ...native({ home, profile: 'laptop', portOf: (setting) => free.get(setting) as number }),
    edge: { ports, ...files },
  };
  needSecrets(home);
  const { collector } = await programs();
  // A minute would be long for a test.
  const [process] = bend(processes(place, { collector: collector as never }, home), 'collector', (text) =>
    text.replaceAll('reload_interval: 1m', 'reload_interval: 100ms'),
  );
  if (!process) throw new Error('Cannot start the Collector: engine/processes.ts has none.');
  const supervisor = new Supervisor({
    processes: [{ ...process, needs: [] }],
    logs: join(home, 'logs'),
    onPhase: () => undefined,
  });
  const stop = async () => {
    await supervisor.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await supervisor.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const plain = { grpc: place.port('collector', 'grpc'), http: place.port('collector', 'http') };
  return { plain, edge: ports, stop };
}

export interface Sent {
  readonly token?: string | undefined;
  /** Whom the sender trusts. Absent: it speaks without TLS. */
  readonly authority?: string;
  readonly maxVersion?: RequestOptions['maxVersion'];
  readonly method?: string;
  readonly origin?: string;
  readonly bytes?: number;
}

/** An empty batch of spans by OTLP/HTTP, on a connection of its own. The status of the answer. */
export function postTo(port: number, sent: Sent): Promise<number> {
  const { token, authority, maxVersion, method = 'POST', origin, bytes = 0 } = sent;
  const options: RequestOptions = {
    ...{ host: 'localhost', family: 4, port, path: '/v1/traces', method, agent: false, timeout: 10_000 },
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(origin && { origin, 'access-control-request-method': 'POST' }),
    },
    ...(authority && { ca: authority }),
    ...(maxVersion && { maxVersion, minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' }),
  };
  return new Promise((resolve, reject) => {
    const asked = (authority ? request : plainRequest)(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.end(method === 'POST' ? `{"resourceSpans":[]${' '.repeat(bytes)}}` : undefined);
  });
}
