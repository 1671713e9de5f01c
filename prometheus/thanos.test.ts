import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { alertmanagerArgs } from '../alertmanager/alertmanager.ts';
import { datasources } from '../grafana/datasources.ts';
import { single, team } from '../k8s/size.ts';
import { programs } from '../k8s/workloads.ts';
import { compose, kubernetes } from '../place.ts';
import { longRetentionDays, parts } from '../stack.ts';
import { seconds } from './kit/duration.ts';
import { keptDays, prometheus, prometheusArgs } from './prometheus.ts';
import { thanosArgs, thanosEnv, thanosParts } from './thanos.ts';

const place = kubernetes(team);

test('P04 the compactors keep each resolution as long as stack.ts says', () => {
  const { raw, fiveMinutes, hour, day } = longRetentionDays.metrics;
  expect(thanosArgs(place, 'thanos-compact')).toEqual(
    expect.arrayContaining([
      `--retention.resolution-raw=${raw}d`,
      `--retention.resolution-5m=${fiveMinutes}d`,
      `--retention.resolution-1h=${hour}d`,
    ]),
  );
  expect(thanosArgs(place, 'thanos-compact-daily')).toContain(`--retention.resolution-raw=${day}d`);
  // Sooner than that the next resolution could not be made: Thanos would not start.
  expect(raw).toBeGreaterThan(40 / 24);
  expect(fiveMinutes).toBeGreaterThan(10);
});

test('P04 no rule looks further back than its Prometheus keeps', () => {
  const texts = globSync('rules/*.yml', { cwd: import.meta.dirname }).map((path) =>
    readFileSync(join(import.meta.dirname, path), 'utf8'),
  );
  const back = texts.flatMap((text) =>
    [...text.matchAll(/(?:\[|offset )(\d+[smhdw])/g)].map(([, time]) => seconds(time as string)),
  );
  const longest = Math.max(...back) / seconds('1d');
  expect(longest).toBe(30);
  expect(keptDays(place)).toBeGreaterThan(longest);
  expect(keptDays(compose)).toBeGreaterThanOrEqual(longest);
});

test('P06 two replicas have names, and send the same alert; one alone has neither', () => {
  const both = prometheus(place);
  expect(Object.keys(both.global)).toContain('external_labels');
  expect(both.alerting.alert_relabel_configs).toEqual([{ action: 'labeldrop', regex: 'replica' }]);
  expect(both.alerting.alertmanagers[0]?.static_configs[0]?.targets).toHaveLength(team.replicas.alertmanager);
  for (const alone of [compose, kubernetes(single)]) {
    expect(JSON.stringify(prometheus(alone))).not.toMatch(/replica|external_labels|thanos/);
    expect(prometheusArgs(alone).join()).not.toContain('delay-compact');
    expect(JSON.stringify(datasources(alone))).not.toMatch(/thanos/i);
    expect(alertmanagerArgs(alone)).toContain('--cluster.listen-address=');
  }
});

test('P06 Grafana asks what makes them one, and asks for the past as it is kept', () => {
  const [metrics] = datasources(place).datasources;
  expect(metrics).toMatchObject({
    url: 'https://thanos-query-frontend:10902',
    jsonData: { prometheusType: 'Thanos', customQueryParameters: 'max_source_resolution=auto' },
  });
});

test('P06 several Alertmanagers find each other by a name that has those too which are not ready', () => {
  const args = alertmanagerArgs(place);
  expect(args).toContain('--cluster.peer=alertmanager-gossip:9094');
  expect(args).toContain('--cluster.advertise-address=$(POD_IP):9094');
  expect(programs(place).alertmanager).toMatchObject({ ports: { gossip: 9094 } });
});

test('P06 the query of another cluster is asked as well', () => {
  expect(thanosArgs(place, 'thanos-query', ['query.frankfurt.example:10901']).join()).toContain(
    'address: passthrough:///query.frankfurt.example:10901',
  );
  expect(thanosArgs(place, 'thanos-query').join()).not.toContain('frankfurt');
});

test('P06 where parts have certificates each of Thanos asks for them, and names no authority where it would forget it', () => {
  for (const part of thanosParts) {
    const args = thanosArgs(place, part);
    expect(args).toContain('--http.config=/etc/fleetscope/tls/web-tls.yaml');
    const speaksGrpc = 'grpc' in parts[part].ports;
    expect(args.includes('--grpc-server-tls-client-ca=/run/fleetscope/tls/ca.crt'), part).toBe(speaksGrpc);
    expect(thanosArgs(kubernetes({ ...team, tls: false }), part).join()).not.toMatch(/tls|https:/);
  }
  // github.com/thanos-io/thanos/issues/8969
  for (const part of ['thanos-sidecar', 'thanos-rule'] as const) {
    const client = thanosArgs(place, part).find((arg) => /^--(prometheus.http-client|query.config)=/.test(arg));
    expect(client).toContain('server_name: prometheus');
    expect(client).not.toContain('ca_file');
    expect(thanosEnv(place, part)).toEqual({ SSL_CERT_DIR: '/run/fleetscope/tls' });
  }
  expect(thanosEnv(place, 'thanos-store')).toEqual({});
});

test('P06 no key of the bucket is among the arguments, and each that needs it has it in its environment', () => {
  const all = programs(place);
  const withBucket = ['thanos-store', 'thanos-compact', 'thanos-compact-daily', 'thanos-rule'] as const;
  for (const part of withBucket) {
    expect(all[part]?.args?.join()).not.toMatch(/AWS|SECRET/);
    expect(Object.keys(all[part]?.env ?? {})).toContain('AWS_SECRET_ACCESS_KEY');
  }
  expect(Object.keys(all.prometheus?.sidecars?.[0]?.env ?? {})).toContain('AWS_SECRET_ACCESS_KEY');
  expect(Object.keys(all.prometheus?.env ?? {})).not.toContain('AWS_SECRET_ACCESS_KEY');
});
