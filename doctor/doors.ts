/** What a stack in a cluster is to the world outside: open to those whom it knows, and closed to everybody else. */
import { readFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { loadAll } from 'js-yaml';
import { stack } from '../stack.ts';
import type { Hop } from './hops.ts';

/** URLs without a trailing slash. */
export interface Doors {
  /** OTLP/gRPC, and OTLP/HTTP. */
  readonly otlp: string;
  readonly otlpHttp: string;
  readonly grafana: string;
  readonly escalation: string;
}

/** Of each door: what it answers to whoever shows nothing, and the Secret with its certificate. */
const doors = {
  'OTLP door': {
    at: 'otlpHttp',
    answers: { 'POST /v1/traces': 401 },
    isSo: 'lets nobody in without a token',
    secret: 'fleetscope-otlp-tls',
    authority: 'OTEL_EXPORTER_OTLP_CERTIFICATE',
  },
  'Grafana door': {
    at: 'grafana',
    answers: { 'GET /api/health': 200, 'GET /api/search': 401 },
    isSo: 'answers, and asks who you are',
    secret: 'fleetscope-grafana-tls',
    authority: 'NODE_EXTRA_CA_CERTS',
  },
  'Incidents door': {
    at: 'escalation',
    // Alertmanager's webhook is nobody's outside.
    answers: { 'GET /openapi.json': 200, 'GET /api/incidents': 401, 'POST /alerts': 404 },
    isSo: 'answers, asks who you are, and does not lead to the webhook',
    secret: 'fleetscope-escalation-tls',
    authority: 'NODE_EXTRA_CA_CERTS',
  },
} as const satisfies Record<string, Door>;

interface Door {
  readonly at: keyof Doors;
  readonly answers: Readonly<Record<string, number>>;
  readonly isSo: string;
  readonly secret: string;
  /** The variable that names the file of an authority which this machine does not know by itself. */
  readonly authority: 'OTEL_EXPORTER_OTLP_CERTIFICATE' | 'NODE_EXTRA_CA_CERTS';
}

/** One hop for each door. @param authority that of the OTLP door, where this machine does not know it by itself. */
export async function doorHops(at: Doors, authority?: Buffer): Promise<Hop[]> {
  return Promise.all(Object.entries(doors).map(([hop, door]) => doorHop(hop, door, at[door.at], authority)));
}

/** The authority that a sender's environment names. @throws RangeError where its file cannot be read, which would look as if no door opened. */
export function otlpAuthority(env: NodeJS.ProcessEnv): Buffer | undefined {
  const name = doors['OTLP door'].authority;
  const file = env[name];
  if (!file) return undefined;
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new RangeError(
      `Cannot ask the OTLP door: ${name}=${file} cannot be read (${(cause as NodeJS.ErrnoException).code}). Make the file, or let this user read it.`,
      { cause },
    );
  }
}

/** @param file with the ConfigMap of host names that an overlay is built with. @throws RangeError where it names none. */
export function doorsIn(file: string): Doors {
  const wrong = (why: string, cause?: unknown) =>
    new RangeError(
      `Cannot use --hosts ${file}: ${why}. Give the file of host names that your overlay is built with, e.g. k8s/example/hosts.yaml.`,
      { cause },
    );
  let all: { data?: Record<string, unknown> }[];
  try {
    all = loadAll(readFileSync(file, 'utf8')) as typeof all;
  } catch (cause) {
    throw wrong((cause as Error).message.split('\n')[0] as string, cause);
  }
  const data = all.find((one) => one?.data)?.data ?? {};
  const host = (name: 'otlp' | 'grafana' | 'escalation') => {
    const found = data[name];
    if (typeof found !== 'string' || !URL.canParse(`https://${found}`)) throw wrong(`it names no host as "${name}"`);
    return found;
  };
  const { grpc, http } = stack.collector.ports;
  return {
    otlp: `https://${host('otlp')}:${grpc}`,
    otlpHttp: `https://${host('otlp')}:${http}`,
    grafana: `https://${host('grafana')}`,
    escalation: `https://${host('escalation')}`,
  };
}

async function doorHop(hop: string, door: Door, url: string, authority?: Buffer): Promise<Hop> {
  const startedAt = Date.now();
  try {
    for (const [question, expected] of Object.entries(door.answers)) {
      const status = await ask(url, question, door.at === 'otlpHttp' ? authority : undefined);
      if (status === expected) continue;
      const detail = `${url} answers ${status} to "${question}", not ${expected}`;
      return { hop, ok: false, detail, setting: settingOf(door, status, expected) };
    }
  } catch (error) {
    const { message } = error as Error;
    return { hop, ok: false, detail: `${url} does not answer (${message})`, setting: unansweredSetting(door, message) };
  }
  return { hop, ok: true, latencyMs: Date.now() - startedAt, detail: `${url} ${door.isSo}` };
}

function settingOf({ at }: Door, status: number, expected: number): string {
  if (at === 'otlpHttp') return 'Service "otlp": does it lead to the ports that ask for a token (k8s/edge.ts)?';
  if (expected === 404)
    return `Ingress "${at}": its paths (k8s/components/ingress); what else leads there from outside`;
  if (expected === 401 && status < 400)
    return `what stands behind the Ingress "${at}": it lets in whoever asks (docs/sign-in.md)`;
  return `Ingress "${at}" and its controller; the label fleetscope.dev/ingress=true of the controller's namespace; is "${at}" ready?`;
}

function unansweredSetting({ at, secret, authority }: Door, said: string): string {
  if (/certificate|issuer|altnames|self-signed/i.test(said))
    return `the Secret ${secret}: whose certificate is in it, and for which name; an authority of one's own is named by ${authority}`;
  return at === 'otlpHttp'
    ? 'k8s/components/load-balancer: has the Service "otlp" an address, and does the name lead there?'
    : 'k8s/components/ingress: has the Ingress an address, and does the name lead there?';
}

/** @param question `GET /path`. @returns the status. */
function ask(url: string, question: string, authority?: Buffer): Promise<number> {
  const [method, path = ''] = question.split(' ');
  const options = {
    ...{ method, agent: false, timeout: 10_000, headers: { 'content-type': 'application/json' } },
    ...(authority && { ca: authority }),
  };
  return new Promise((resolve, reject) => {
    const asked = (url.startsWith('https:') ? request : plainRequest)(`${url}${path}`, options, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error('no answer in 10 s')));
    asked.end(method === 'POST' ? '{}' : undefined);
  });
}
