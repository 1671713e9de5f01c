import { jaeger } from '../../../choices/jaeger.ts';
import { toJaeger } from '../../../collector/copies.ts';
import { jaegerSource, sources } from '../../../grafana/jaeger-source.ts';
import { kubernetes } from '../../../place.ts';
import { parts } from '../../../stack.ts';
import { Documents, twins } from '../../../twin.ts';
import { collectorReads, wayOut } from '../../choices.ts';
import { component } from '../../hosts.ts';
import { labels, selector } from '../../manifest.ts';
import { policies } from '../../network.ts';
import { workload } from '../../pod.ts';
import { account, service } from '../../service.ts';
import { type Size, single } from '../../size.ts';

const size: Size = {
  ...single,
  replicas: { ...single.replicas, jaeger: 1 },
  memoryMib: { jaeger: 1024 },
  storage: { jaeger: '50Gi' },
};
const place = kubernetes(size);
const { configMapGenerator, arguments: argument } = collectorReads('jaeger');
const { otlp, http } = parts.jaeger.ports;
const pods = [{ podSelector: { matchLabels: selector('jaeger') } }];

/** Jaeger beside Tempo: one pod with a volume, which is given a copy of every trace. (P07) */
export default twins('yaml', {
  kustomization: component({
    resources: ['jaeger.yaml', 'network.yaml'],
    configMapGenerator: [
      ...configMapGenerator,
      { name: 'jaeger', files: ['jaeger.yaml=jaeger-config.yaml'] },
      { name: 'grafana-datasources', behavior: 'merge', files: ['jaeger.yaml=grafana-source.yaml'] },
    ],
    patches: [argument],
  }),
  jaeger: new Documents(
    account('jaeger', labels('jaeger')),
    service('jaeger'),
    workload('jaeger', place, size, {
      args: ['--config=/etc/jaeger/jaeger.yaml'],
      configs: { '/etc/jaeger': 'jaeger' },
      scratch: ['/tmp'],
      graceSeconds: 60,
      milliCpu: 100,
    }),
  ),
  'jaeger-config': jaeger(place),
  'collector-jaeger': toJaeger(place),
  'grafana-source': sources(jaegerSource(place)),
  network: new Documents(
    ...policies(place, ['jaeger']),
    wayOut('collector', 'jaeger', pods, [otlp]),
    wayOut('grafana', 'jaeger', pods, [http]),
  ),
});
