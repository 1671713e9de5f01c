/** What speaks to a mutual port speaks TLS, and knows whom it asks: in every configuration, argument and variable of a size with certificates. (P06) */
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { kubernetes } from '../place.ts';
import { alertsPort, mutualPorts, type Part, parts, podOf } from '../stack.ts';
import { configs } from './configs.ts';
import { type Size, scale, single, team } from './size.ts';
import { programs } from './workloads.ts';

const names = (Object.keys(parts) as Part[]).sort((a, b) => b.length - a.length);
/** As Prometheus, the Collector, Loki and Tempo, and Grafana call it. */
const serverName = /\b(server_name|server_name_override|tls_server_name|serverName)\b/;

/** What a size runs, by where it stands. */
function everything(size: Size): Record<string, { owner: Part | undefined; value: unknown }> {
  const place = kubernetes(size);
  return Object.fromEntries([
    ...Object.entries(configs(place)).map(([name, value]) => [
      `config/${name}`,
      { owner: names.find((part) => name === part || name.startsWith(`${part}-`)), value },
    ]),
    ...Object.entries(programs(place))
      .filter(([part]) => place.has(part as Part))
      .map(([part, value]) => [`program/${part}`, { owner: part as Part, value }]),
  ]);
}

function faultsOf(size: Size): string[] {
  return Object.entries(everything(size)).flatMap(([at, { owner, value }]) => faults(value, at, owner));
}

/** Lines that name what is wrong in `value`, and where. @param holder the object or list that it stands in. */
function faults(value: unknown, at: string, owner?: Part, holder: unknown = value): string[] {
  if (typeof value === 'string') {
    // A file of its own in an argument.
    const [flag, given] = /^(--[\w.-]+)=(.*\n.*)$/s.exec(value)?.slice(1) ?? [];
    if (given !== undefined) return faults(load(given), `${at} ${flag}`, owner);
    const urls = [...value.matchAll(/(https?):\/\/([\w.-]+):(\d+)/g)].flatMap(([url, scheme, host = '', port]) => {
      if (!isMutualAt(host, Number(port), owner)) return [];
      if (scheme === 'http') return [`${at}: ${url} is plain`];
      return isKnownByName(holder) ? [] : [`${at}: ${url} is asked by no name`];
    });
    const isBlind = /^--\S*(insecure|skip[-_.]?verify)[^=]*(=true)?$/i.test(value);
    return [...urls, ...(isBlind ? [`${at}: ${value}`] : [])];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = `${at}.${key}`;
    const isBlind = /insecure|skip_?verify/i.test(key) && String(inner) === 'true';
    return [
      ...(isBlind ? [`${here} is true`] : []),
      ...(isClient(key, inner) && !isKnownByName({ ...value, [key]: inner }, key)
        ? [`${here} does not say whom it asks`]
        : []),
      ...faults(inner, here, owner, value),
    ];
  });
}

/** Whether a part asks for a certificate there; on the pod's own address: one of those in it. */
function isMutualAt(host: string, port: number, owner?: Part): boolean {
  const isOwn = host === 'localhost' || host === '127.0.0.1';
  const pod = isOwn && owner ? podOf(owner) : host.split('.')[0]?.replace(/-(\d+|alerts|scrape)$/, '');
  return names
    .filter((part) => podOf(part) === pod)
    .flatMap((part) => [
      ...(mutualPorts[part] ?? []).map((name) => (parts[part].ports as Record<string, number>)[name]),
      ...(part === 'escalation' ? [alertsPort] : []),
    ])
    .includes(port);
}

/** What shows our certificate to others, or could: gRPC as Loki and Tempo have it is plain where nothing is said. Who is shown to others says whom it believes. */
function isClient(key: string, block: unknown): boolean {
  if (typeof block !== 'object' || block === null || 'client_ca_file' in block) return false;
  const { certificate } = kubernetes(team).tls as { certificate: string };
  return /grpc_client(_config)?$/.test(key) || 'tlsAuth' in block || Object.values(block).includes(certificate);
}

function isKnownByName(holder: unknown, key?: string): boolean {
  const own = key === undefined ? holder : (holder as Record<string, unknown>)[key];
  const text = JSON.stringify(own);
  return (
    serverName.test(text) ||
    // Thanos has it beside the files.
    (key !== undefined && Object.keys(holder as object).some((name) => serverName.test(name))) ||
    // Our services take the part's (service/tls.ts); what asks from inside dials `localhost`, which every certificate has.
    text.includes('FLEETSCOPE_TLS_CERTIFICATE_FILE') ||
    text.includes('--http.config.file=/etc/fleetscope/tls/probe-tls.yaml')
  );
}

test.each([team, scale])('P06 $name: nobody speaks in plain to a mutual port, and whoever asks says whom', (size) => {
  // The client of the kubelet's questions (k8s/tls.ts).
  expect(faultsOf(size)).toEqual(['config/probe-tls.tls_config does not say whom it asks']);
});

test('P06 where all is plain, it is seen that it is', () => {
  const found = faultsOf(single).join('\n');
  for (const config of ['collector', 'tempo', 'loki', 'grafana-datasources'])
    expect(found).toMatch(new RegExp(`^config/${config}.*is plain$`, 'm'));
});

const files = { cert_file: '/run/fleetscope/tls/tls.crt', key_file: '/run/fleetscope/tls/tls.key' };

test.each<[string, unknown, RegExp]>([
  ['a URL of a configuration', { url: 'http://loki-read:3100' }, /^here\.url: http:\/\/loki-read:3100 is plain$/],
  ['the URL of a replica', ['http://prometheus-1.prometheus:9090/x'], /prometheus-1\.prometheus:9090 is plain$/],
  ['a URL in an argument', ['--query=http://thanos-query:10902'], /thanos-query:10902 is plain$/],
  ['a variable', { ALERTMANAGER: 'http://alertmanager:9093' }, /^here\.ALERTMANAGER: .* is plain$/],
  ['what stands beside it', ['--prometheus.url=http://127.0.0.1:9090'], /127\.0\.0\.1:9090 is plain$/],
  ['alerts', { url: 'http://escalation:9102/alerts' }, /escalation:9102 is plain$/],
  ['a file in an argument', ['--x.config=url:\n  http://tempo:3200'], /^here\.0 --x\.config.*tempo:3200 is plain$/],
  ['a client that is plain', { tls: { insecure: true } }, /^here\.tls\.insecure is true$/],
  ['a client that believes anybody', { tls_config: { insecure_skip_verify: 'true' } }, /insecure_skip_verify is true$/],
  ['a data source that does', { jsonData: { tlsSkipVerify: true } }, /tlsSkipVerify is true$/],
  ['an argument that says so', ['--grpc.tls-skip-verify'], /--grpc\.tls-skip-verify$/],
  ['a URL without a client', { url: 'https://tempo:3200' }, /tempo:3200 is asked by no name$/],
  ['a client that knows no name', { tls_config: files }, /tls_config does not say whom it asks$/],
  ['a data source that knows none', { jsonData: { tlsAuth: true } }, /jsonData does not say whom it asks$/],
  ['gRPC that says nothing', { grpc_client_config: {} }, /grpc_client_config does not say whom it asks$/],
])('P06 %s is found', (_, planted, fault) => {
  expect(faults(planted, 'here', 'prometheus')).toEqual([expect.stringMatching(fault)]);
});

test('P06 plain ports, clients that know a name, and servers are none', () => {
  const well = [
    { endpoint: 'http://collector:4317', people: 'http://127.0.0.1:9002' },
    { url: 'https://tempo:3200', tls_config: { ...files, server_name: 'tempo' } },
    { tls: { ...files, client_ca_file: '/run/fleetscope/tls/ca.crt' } },
    { client_config: { tls_config: files, server_name: 'prometheus' } },
    { s3: { insecure: '$(FLEETSCOPE_S3_INSECURE)' } },
  ];
  expect(faults(well, 'here', 'escalation')).toEqual([]);
});
