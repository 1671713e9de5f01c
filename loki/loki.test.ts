import { expect, test } from 'vitest';
import { scale, single, sizes, team } from '../k8s/size.ts';
import { certificateNames } from '../k8s/tls.ts';
import { compose, kubernetes } from '../place.ts';
import { probePorts, retentionDays } from '../stack.ts';
import { loki, lokiArgs } from './loki.ts';

test('P04 logs are kept alike everywhere, by five classes', () => {
  for (const place of [compose, ...sizes.map(kubernetes)]) {
    const { limits_config, compactor } = loki(place);
    expect(limits_config.retention_stream).toEqual(
      Object.entries(retentionDays.logs).map(([name, days]) => ({
        selector: `{retention_class="${name}"}`,
        priority: 1,
        period: `${days * 24}h`,
      })),
    );
    expect(compactor.retention_enabled).toBe(true);
  }
});

test('P03 several Lokis have each line thrice, and share a store of objects; one has its own files', () => {
  expect(loki(kubernetes(team)).common).toMatchObject({
    replication_factor: 3,
    ring: { kvstore: { store: 'memberlist' } },
  });
  expect(loki(kubernetes(team)).schema_config.configs[0]?.object_store).toBe('s3');
  expect(loki(kubernetes(single)).common).toMatchObject({ replication_factor: 1 });
  expect(loki(kubernetes(single)).schema_config.configs[0]?.object_store).toBe('filesystem');
  const torn = kubernetes({ ...team, objectStore: false });
  expect(() => loki(torn)).toThrow('Cannot run several Lokis');
});

test('P03 the parts of Loki are named by modules, none by what Loki 4.0 removes', () => {
  const place = kubernetes(scale);
  const targets = (['loki', 'loki-read', 'loki-backend'] as const).map((part) => lokiArgs(place, part).join(' '));
  expect(targets.every((args) => args.includes('-target='))).toBe(true);
  expect(targets.filter((args) => /[=,](read|write|backend|all)\b/.test(args))).toEqual([]);
  // A ruler beside an index gateway would make that one ask itself.
  expect(targets.filter((args) => args.includes('ruler') && args.includes('index-gateway'))).toEqual([]);
  expect(lokiArgs(kubernetes(team)).join()).not.toContain('-target');
  expect(JSON.stringify(loki(place))).not.toContain('unordered_writes');
});

test('P06 where parts have certificates, no port of Loki answers without one, and each client asks for whom it wants', () => {
  const place = kubernetes(scale);
  for (const part of ['loki', 'loki-read', 'loki-backend'] as const) {
    const { server, internal_server, memberlist, ingester_client, frontend, query_scheduler, compactor_grpc_client } =
      loki(place, part);
    for (const files of [server.http_tls_config, server.grpc_tls_config])
      expect(files).toMatchObject({
        client_auth_type: 'RequireAndVerifyClientCert',
        client_ca_file: place.tls?.authority,
      });
    expect(internal_server).toMatchObject({ enable: true, http_listen_port: probePorts[part] });
    expect(memberlist).toMatchObject({ tls_enabled: true, tls_server_name: 'loki-gossip' });
    expect(certificateNames(part, 'fleetscope')).toContain('loki-gossip');
    expect(ingester_client?.grpc_client_config).toMatchObject({ tls_enabled: true, tls_server_name: 'loki' });
    expect(frontend.grpc_client_config).toMatchObject({ tls_enabled: true, tls_server_name: 'loki-read' });
    expect(query_scheduler?.grpc_client_config).toMatchObject({ tls_enabled: true, tls_server_name: 'loki-read' });
    expect(compactor_grpc_client).toMatchObject({ tls_enabled: true, tls_server_name: 'loki-backend' });
  }
  expect(loki(place, 'loki-read').ruler).toMatchObject({
    alertmanager_url: expect.stringMatching(/^https:.+,https:.+,https:/),
    alertmanager_client: { tls_server_name: 'alertmanager', tls_cert_path: place.tls?.certificate },
  });
  for (const alone of [compose, kubernetes(single)]) expect(JSON.stringify(loki(alone))).not.toContain('tls');
});
