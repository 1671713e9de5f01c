import { expect, test } from 'vitest';
import { single, team } from '../k8s/size.ts';
import { compose, kubernetes } from '../place.ts';
import { probePorts } from '../stack.ts';
import { tempo } from './tempo.ts';

const lines = ['3.0', '2.8'] as const;

test.each(lines)(
  'P06 where parts have certificates, no port of Tempo %s answers without one, its own modules show one',
  (line) => {
    const place = kubernetes(team);
    const config = tempo(place, line) as ReturnType<typeof tempo> & Record<string, unknown>;
    const asked = { client_ca_file: place.tls?.authority, cert_file: place.tls?.certificate };
    for (const files of [config.server.http_tls_config, config.server.grpc_tls_config])
      expect(files).toMatchObject({ ...asked, client_auth_type: 'RequireAndVerifyClientCert' });
    expect(config.distributor.receivers.otlp.protocols.grpc).toMatchObject({ tls: asked });
    expect(config.internal_server).toMatchObject({ enable: true, http_listen_port: probePorts.tempo });
    const client = { grpc_client_config: { tls_enabled: true, tls_server_name: 'tempo' } };
    expect(config).toMatchObject({ querier: { frontend_worker: client } });
    const inner = {
      '3.0': ['live_store_client', 'backend_scheduler_client'],
      '2.8': ['ingester_client', 'metrics_generator_client'],
    };
    for (const name of inner[line]) expect(config[name], name).toMatchObject(client);
    for (const { url, tls_config } of config.metrics_generator.storage.remote_write) {
      expect(url).toMatch(/^https:/);
      expect(tls_config).toMatchObject({ server_name: 'prometheus', cert_file: place.tls?.certificate });
    }
  },
);

test.each(lines)('P06 elsewhere Tempo %s is as plain as its neighbours', (line) => {
  for (const place of [compose, kubernetes(single)])
    expect(JSON.stringify(tempo(place, line))).not.toMatch(/tls|internal_server/);
});
