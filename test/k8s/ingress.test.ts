/** A cluster as its owner installs it from k8s/example, reached from outside by its names: through a real ingress controller, where policies are enforced. */
import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openLinks } from '../../alertmanager/escalation/http/links.ts';
import { CanarySender } from '../../doctor/canary.ts';
import { doorsIn } from '../../doctor/doors.ts';
import { signInName, signInSettings } from '../../grafana/sign-in.ts';
import { type Certificate, selfMade } from '../../k8s/certificates.ts';
import { edgeCertificateSecret, edgeServiceName, edgeTokensSecret } from '../../k8s/edge.ts';
import { certificateSecretOf } from '../../k8s/ingress.ts';
import { namespace } from '../../k8s/manifest.ts';
import { secretName } from '../../k8s/pod.ts';
import { type Secret, secrets } from '../../place.ts';
import { repository } from '../../scripts/twins.ts';
import { stack } from '../../stack.ts';
import type { Cluster } from './cluster.ts';
import { asker, type Question, runWithNames } from './from-outside.ts';
import { importGrafanaStandIn } from './images.ts';
import { giveAddress, ingressNamespace, provideIngress } from './ingress-controller.ts';
import { createSecrets, emptyCluster, manifestsOfExample, present, untilReady } from './installed.ts';
import { networksOf } from './reach.ts';

const hosts = join(repository, 'k8s', 'example', 'hosts.yaml');
const doors = doorsIn(hosts);
const hostOf = (url: string) => new URL(url).hostname;
const reached = ['grafana', 'escalation'] as const;

let cluster: Cluster;
let folder: string;
/** Whom those outside trust, as files. */
const trusted = { otlp: '', people: '' };
const certificates = {} as Record<'otlp' | (typeof reached)[number], Pick<Certificate, 'authority'>>;

const kubectl = (...args: string[]) => cluster.kubectl(['--namespace', namespace, ...args]);
const ask = (url: string, question: Question) => asker(cluster.node.address)(url, question);

async function inSecret(secret: string, key: string): Promise<string> {
  const said = await kubectl('get', 'secret', secret, '--output=json');
  const { data } = JSON.parse(said) as { data: Record<string, string> };
  return Buffer.from(data[key] as string, 'base64').toString();
}
const own = (name: Secret) => inSecret(secretName, name);
const firstToken = async () => (await inSecret(edgeTokensSecret, 'tokens')).split(' ')[0] as string;

beforeAll(async () => {
  cluster = await emptyCluster({ enforcesPolicies: true });
  await importGrafanaStandIn(cluster);
  const write = (name: string, text: string) => {
    const file = join(cluster.folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  folder = manifestsOfExample(cluster);
  await cluster.kubectl(['create', '--filename', join(repository, 'k8s', 'base', 'namespace.yaml')]);
  await createSecrets(cluster, ['--otlp-host', hostOf(doors.otlp), cluster.node.address], {
    FLEETSCOPE_GRAFANA_CLIENT_SECRET: 'nobody signs in here',
  });
  const signIn = Object.values(signInSettings).map((key) => `--from-literal=${key}=nobody`);
  await kubectl('create', 'configmap', signInName, ...signIn);
  for (const part of reached) {
    const made = await selfMade([hostOf(doors[part])]);
    const files = [`--cert=${write(`${part}.crt`, made.certificate)}`, `--key=${write(`${part}.key`, made.key)}`];
    await kubectl('create', 'secret', 'tls', certificateSecretOf(part), ...files);
    certificates[part] = made;
  }
  certificates.otlp = { authority: await inSecret(edgeCertificateSecret, 'ca.crt') };
  trusted.otlp = write('otlp-ca.crt', certificates.otlp.authority);
  trusted.people = write('people-ca.crt', reached.map((part) => certificates[part].authority).join(''));
  await provideIngress(cluster);
  await cluster.kubectl(['apply', '--kustomize', folder]);
  await giveAddress(cluster, namespace, edgeServiceName);
  await untilReady(cluster, [...present, 'grafana']);
});

afterAll(() => cluster?.stop());
afterEach(() => vi.unstubAllEnvs());

describe('Ingresses, by a controller of Ingresses', () => {
  test('P03 each is served by its name, with the certificate of its Secret', async () => {
    for (const [part, path] of [
      ['grafana', '/api/health'],
      ['escalation', '/openapi.json'],
    ] as const) {
      const { authority } = certificates[part];
      const answer = () => ask(`${doors[part]}${path}`, { authority }).then(({ status }) => status);
      await expect.poll(() => answer().catch(String), { timeout: 60_000 }).toBe(200);
      expect((await ask(`${doors[part]}${path}`, { authority })).names).toBe(`DNS:${hostOf(doors[part])}`);
    }
  });

  test('P03 they say where they are reached, and a second apply changes nothing', async () => {
    const where = '--output=jsonpath={.items[*].status.loadBalancer.ingress[*].ip}';
    const { address } = cluster.node;
    await expect.poll(() => kubectl('get', 'ingress', where), { timeout: 30_000 }).toBe(`${address} ${address}`);
    const said = await cluster.kubectl(['apply', '--kustomize', folder]);
    expect(said.split('\n').filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
  });

  test('P06 whoever trusts another authority does not get in', async () => {
    const stranger = await selfMade([...reached, 'otlp' as const].map((name) => hostOf(doors[name])));
    for (const url of [doors.grafana, doors.escalation, doors.otlpHttp])
      await expect(ask(url, stranger)).rejects.toThrow(/certificate/);
  });

  test('P06 a name that no Ingress has is nobody, and neither are paths that none leads to', async () => {
    const { authority } = certificates.escalation;
    for (const path of ['/', '/alerts', '/-/ready', '/metrics', '/apiary'])
      expect(await ask(`${doors.escalation}${path}`, { authority }), path).toMatchObject({ status: 404 });
    await expect(ask('https://else.example.org', { authority })).rejects.toThrow(/certificate/);
  });
});

/** `npm run doctor` on a machine that knows the names. */
async function doctor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { kubectl: program, kubeconfig } = cluster.client;
  const names = [doors.otlp, doors.grafana, doors.escalation].map(hostOf);
  const said = await runWithNames(
    cluster.folder,
    { address: cluster.node.address, names },
    [join(repository, 'scripts', 'doctor.ts'), '--hosts', hosts, '--json', ...args],
    {
      ...{ PATH: `${dirname(program)}${delimiter}${process.env.PATH}`, KUBECONFIG: kubeconfig },
      ...{ OTEL_EXPORTER_OTLP_CERTIFICATE: trusted.otlp, NODE_EXTRA_CA_CERTS: trusted.people },
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${await firstToken()}`,
      ...env,
    },
  );
  const { hops, unseen, ok } = JSON.parse(said.stdout || '{}') as {
    ok?: boolean;
    hops?: { hop: string; ok: boolean; setting?: string }[];
    unseen?: string[];
  };
  return { code: said.exitCode, stderr: said.stderr, ok, unseen, hops: hops ?? [] };
}
const failing = ({ hops }: Awaited<ReturnType<typeof doctor>>) => hops.filter(({ ok }) => !ok);

describe('the doctor, through the ingress', () => {
  test.each(['once', 'twice'])('P03 it is green (%s): in by the doors, and found in every store', async () => {
    const said = await doctor(['--kubernetes', '--timeout', '60']);
    expect(failing(said), said.stderr).toEqual([]);
    expect(said).toMatchObject({ code: 0, ok: true });
    expect(said.hops.map(({ hop }) => hop)).toEqual(
      expect.arrayContaining(['SDK', 'Loki', 'Escalation', 'OTLP door', 'Grafana door', 'Incidents door']),
    );
  });

  test('P03 without kubectl it sees the doors alone, and names what it does not see', async () => {
    const said = await doctor([], { PATH: dirname(process.execPath) + delimiter + process.env.PATH, KUBECONFIG: '' });
    expect(said, said.stderr).toMatchObject({ code: 0, ok: true });
    expect(said.hops.map(({ hop }) => hop)).toEqual(['SDK', 'OTLP door', 'Grafana door', 'Incidents door']);
    expect(said.unseen).toEqual(expect.arrayContaining(['Tempo, by id', 'Prometheus', 'Loki', 'Ledger', 'Escalation']));
  });

  test('P06 it says why it is not let in: the token, the certificate of OTLP, that of an Ingress', async () => {
    const { authority } = await selfMade([hostOf(doors.otlp)]);
    const strange = join(cluster.folder, 'strange.crt');
    writeFileSync(strange, authority);
    for (const [env, hop, setting] of [
      [{ OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer another' }, 'SDK', 'OTEL_EXPORTER_OTLP_HEADERS'],
      [{ OTEL_EXPORTER_OTLP_CERTIFICATE: strange }, 'SDK', 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
      [{ NODE_EXTRA_CA_CERTS: strange }, 'Grafana door', certificateSecretOf('grafana')],
    ] as const) {
      const said = await doctor([], env);
      expect(said, said.stderr).toMatchObject({ code: 1, ok: false });
      expect(said.hops.find((one) => one.hop === hop)?.setting, hop).toContain(setting);
    }
  });

  test('P06 our policies let in the namespace with the label alone: without it the doctor names it', async () => {
    const label = (value: string) => cluster.kubectl(['label', 'namespace', ingressNamespace, '--overwrite', value]);
    const api = async () => (await ask(`${doors.escalation}/openapi.json`, certificates.escalation)).status;
    await label('fleetscope.dev/ingress-');
    await expect.poll(api, { timeout: 60_000, interval: 1_000 }).toBeGreaterThan(500);
    expect(failing(await doctor([]))).toMatchObject([
      { hop: 'Grafana door', setting: expect.stringContaining('fleetscope.dev/ingress=true') },
      { hop: 'Incidents door', setting: expect.stringContaining('fleetscope.dev/ingress=true') },
    ]);
    await label('fleetscope.dev/ingress=true');
    await expect.poll(api, { timeout: 60_000, interval: 1_000 }).toBe(200);
  });
});

/** By OTLP/gRPC through the SDK, to the address of the door, for which its certificate is as well. */
async function byGrpc(token?: string): Promise<string> {
  vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', trusted.otlp);
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', token === undefined ? '' : `authorization=Bearer ${token}`);
  const sender = new CanarySender(`https://${cluster.node.address}:${stack.collector.ports.grpc}`, 5_000);
  try {
    await sender.send();
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await sender.close();
  }
}

const byHttp = async (token?: string) =>
  (await ask(`${doors.otlpHttp}/v1/traces`, { method: 'POST', body: '{}', token, ...certificates.otlp })).status;

describe('OTLP from outside', () => {
  test.each([
    ['without a token', undefined],
    ['with a wrong one', 'another-token'],
    ['with an empty one', ''],
  ])('P06 a sender %s is refused, by gRPC and by HTTP', async (_, token) => {
    expect(await byGrpc(token)).toMatch(/UNAUTHENTICATED/);
    expect(await byHttp(token)).toBe(401);
  });

  test('P06 one with the right token is not', async () => {
    const token = await firstToken();
    expect(await byGrpc(token)).toBe('taken');
    expect(await byHttp(token)).toBe(200);
  });

  test('P06 the token is changed in its Secret without a restart and without a gap: both are valid, then the new one alone', async () => {
    const pod = () =>
      kubectl(
        'get',
        'pod',
        'collector-0',
        '--output=jsonpath={.metadata.uid} {.status.containerStatuses[*].restartCount}',
      );
    const before = await pod();
    const [old, next] = [await firstToken(), 'a-second-token-of-the-same-sender'];
    // Two minutes, as docs/secrets.md says, and a loaded machine.
    const patience = { timeout: 240_000, interval: 2_000 };
    await setTokens(`${old} until today`, `${next} from today`);
    await expect.poll(() => byHttp(next), patience).toBe(200);
    expect([await byHttp(old), await byGrpc(old), await byGrpc(next)]).toEqual([200, 'taken', 'taken']);
    await setTokens(`${next} from today`);
    await expect.poll(() => byHttp(old), patience).toBe(401);
    expect(await byGrpc(old)).toMatch(/UNAUTHENTICATED/);
    expect([await byHttp(next), await byGrpc(next)]).toEqual([200, 'taken']);
    expect(await pod()).toBe(before);
    expect(before).toMatch(/ 0$/);
  });
});

async function setTokens(...lines: string[]): Promise<void> {
  const patch = JSON.stringify({ stringData: { tokens: `${lines.join('\n')}\n` } });
  await kubectl('patch', 'secret', edgeTokensSecret, '--type=merge', '--patch', patch);
}

describe('the escalation service', () => {
  test.each([
    ['without a token', undefined, 401],
    ['with a wrong one', 'another-token', 401],
    ['with that of the webhook', 'escalation-webhook-token', 401],
    ['with its own', 'escalation-api-token', 200],
  ])('P06 its API through the ingress %s', async (_, name, status) => {
    const token = name !== undefined && name in secrets ? await own(name as Secret) : name;
    const answer = await ask(`${doors.escalation}/api/incidents`, { token, ...certificates.escalation });
    expect(answer).toMatchObject({ status });
  });

  test('P06 its webhook, from where Alertmanager is: no token, a wrong one, that of the API, its own', async () => {
    expect(await posted(undefined)).toMatchObject({ status: 401 });
    expect(await posted('another-token')).toMatchObject({ status: 401 });
    expect(await posted(await own('escalation-api-token'))).toMatchObject({ status: 401 });
    expect(await posted(await own('escalation-webhook-token'))).toMatchObject({ status: 200 });
  });

  test('P06 its page shows nothing to whoever comes, and asks for the token', async () => {
    const { status, text } = await ask(`${doors.escalation}/incidents`, certificates.escalation);
    expect(status).toBe(200);
    expect(text).toContain('type="password"');
    // It is there, by the test above.
    expect(text).not.toContain('IngressTest');
  });

  test('P06 its webhook is not reached from outside, with the right token either', async () => {
    const token = await own('escalation-webhook-token');
    const question = { method: 'POST', body: alerts, token, ...certificates.escalation };
    expect(await ask(`${doors.escalation}/alerts`, question)).toMatchObject({ status: 404 });
  });

  test('P06 a link of a message is followed; one that was changed, or signed by somebody else, is not', async () => {
    const { incidents } = (await posted(await own('escalation-webhook-token'))).body as { incidents: string[] };
    const id = incidents[0] as string;
    const linkOf = (signingKey: string) =>
      openLinks({ signingKey, publicUrl: doors.escalation, now: Date.now }).linksFor({ id }, `${id}/test`).acknowledge;
    const link = linkOf(await own('escalation-signing-key'));
    const follow = async (url: string) => (await ask(url, certificates.escalation)).status;
    expect(await follow(link)).toBe(200);
    expect(await follow(linkOf('the key of somebody else'))).toBe(403);
    // Its payload says another time.
    const [payload = '', signature = ''] = (link.split('/').at(-1) as string).split('.');
    const words = Buffer.from(payload, 'base64url').toString().split(' ');
    const later = Buffer.from([words[0], 'zzzzzz', words[2]].join(' ')).toString('base64url');
    expect(await follow(link.replace(`${payload}.${signature}`, `${later}.${signature}`))).toBe(403);
    expect(await follow(link.slice(0, -1))).toBe(400);
  });
});

const alerts = JSON.stringify({
  ...{ version: '4', receiver: 'platform', groupLabels: { alertname: 'IngressTest' }, commonAnnotations: {} },
  alerts: [
    {
      ...{ status: 'firing', fingerprint: '00f1ee75c09e7e57', startsAt: new Date().toISOString() },
      labels: { alertname: 'IngressTest', severity: 'warning' },
      annotations: { summary: 'A test of doors.' },
    },
  ],
});

/** To the webhook, from the network of Alertmanager's pod: policies let nobody else. */
async function posted(token: string | undefined): Promise<{ status: number; body: unknown }> {
  const of = (kind: string, name: string, path: string) => kubectl('get', kind, name, `--output=jsonpath={${path}}`);
  const pod = await of('pod', 'alertmanager-0', '.status.podIP');
  const network = (await networksOf(cluster.node)).get(pod) as string;
  const url = `http://${await of('service', 'escalation', '.spec.clusterIP')}:${stack.escalation.ports.http}/alerts`;
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const script = `const { url, ...init } = JSON.parse(process.argv[1]);
const answer = await fetch(url, { method: 'POST', ...init });
console.log(JSON.stringify({ status: answer.status, body: await answer.json() }));`;
  const program = [process.execPath, '--input-type=module', '--eval', script];
  const asked = JSON.stringify({ url, headers, body: alerts });
  const { stdout } = await cluster.node.run('ip', ['netns', 'exec', network, ...program, asked]);
  return JSON.parse(stdout as string) as { status: number; body: unknown };
}
