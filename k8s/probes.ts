/** How the kubelet, which has no certificate, asks parts that answer nobody without one: at a plain port beside theirs (stack.ts). (P06) */
import type { Place } from '../place.ts';
import { parts, probePorts } from '../stack.ts';
import type { Program } from './program.ts';

export function askedInPlain({ tls }: Place, part: keyof typeof probePorts): Pick<Program, 'ports' | 'probes'> {
  if (!tls) return {};
  const { ready, alive } = parts[part];
  const at = (path: string) => ({ httpGet: { path, port: 'probe' } });
  return {
    ports: { probe: probePorts[part] },
    // Tempo knows one question there, and while it is too busy to answer it, it is not one to be ended: so whether it listens is all that is asked,
    // and one that hangs is never ended by the kubelet. `up` in Prometheus notices it, and a person.
    probes: { ready: at(ready.path), alive: part === 'tempo' ? { tcpSocket: { port: 'probe' } } : at(alive.path) },
  };
}
