import { expect, test } from 'vitest';
import { mutualPorts, type Part, parts, probePorts } from '../stack.ts';
import { Documents } from '../twin.ts';
import { overlay } from './overlay.ts';
import { type Size, scale, single, team } from './size.ts';

interface Container {
  readonly name: Part;
  readonly ports: { name: string; containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
}

interface Probe {
  readonly httpGet?: { port: string; scheme?: string };
  readonly exec?: { command: string[] };
  readonly tcpSocket?: { port: string };
}

function containersOf(size: Size): Container[] {
  const objects = Object.values(overlay(size)).flatMap((file) => (file instanceof Documents ? file.all : [file]));
  return objects.flatMap((object) => {
    const { spec } = object as { spec?: { template?: { spec: { containers: Container[] } } } };
    return spec?.template?.spec.containers ?? [];
  });
}

test.each([team, scale])('P06 in $name the kubelet, which has no certificate, asks no port that wants one', (size) => {
  const containers = containersOf(size);
  const kinds = new Set<string>();
  for (const { name, ports, startupProbe, readinessProbe, livenessProbe } of containers) {
    const numbers = parts[name].ports as Record<string, number>;
    const mutual = (mutualPorts[name] ?? []).map((port) => numbers[port]);
    for (const { httpGet, exec, tcpSocket } of [startupProbe ?? readinessProbe, readinessProbe, livenessProbe]) {
      const asked = httpGet ?? tcpSocket;
      kinds.add(httpGet ? `http ${httpGet.port}` : exec ? 'exec' : 'tcp');
      // From inside, with the pod's certificate.
      if (exec) expect(exec.command, name).toContain('--http.config.file=/etc/fleetscope/tls/probe-tls.yaml');
      else expect(asked, name).toBeDefined();
      if (!asked) continue;
      const port = ports.find((one) => one.name === asked.port)?.containerPort;
      expect(port, `${name} has the port ${asked.port}`).toBeDefined();
      // Whether a port is open at all, it sees of any.
      if (httpGet) expect(mutual, name).not.toContain(port);
    }
  }
  expect([...kinds]).toEqual(expect.arrayContaining(['http probe', 'http health', 'exec', 'tcp']));
});

test('P06 where all is plain no part has a port more', () => {
  const open = containersOf(single).flatMap(({ ports }) => ports.map(({ containerPort }) => containerPort));
  for (const port of Object.values(probePorts)) expect(open).not.toContain(port);
});
