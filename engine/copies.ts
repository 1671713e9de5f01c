/** Stores beside a native stack's own: the Collector's other configuration files, where one was chosen or the environment names it. (P07, P11) */
import { resolve } from 'node:path';
import {
  elasticsearchSettings,
  namedElasticsearch,
  second,
  secondSettings,
  toElasticsearch,
  toJaeger,
} from '../collector/copies.ts';
import type { Place } from '../place.ts';
import { shownUrl } from '../service/shown-url.ts';
import { yaml } from '../twin.ts';

interface Copies {
  args: string[];
  env: Record<string, string>;
  files: Record<string, string>;
}

/** @throws RangeError that names the variable: no URL, ourselves, no signal, no password. */
export function copiesOf(env: NodeJS.ProcessEnv, place: Place, config: (name: string) => string): Copies {
  const all = [jaegerOf(place, config), secondOf(env, place, config), elasticsearchOf(env, place, config)];
  return {
    args: all.flatMap(({ args }) => args),
    env: Object.assign({}, ...all.map(({ env }) => env)),
    files: Object.assign({}, ...all.map(({ files }) => files)),
  };
}

const none: Copies = { args: [], env: {}, files: {} };

function jaegerOf(place: Place, config: (name: string) => string): Copies {
  if (!place.has('jaeger')) return none;
  const file = config('copy-jaeger.yaml');
  return { args: [`--config=${file}`], env: {}, files: { [file]: yaml(toJaeger(place)) } };
}

function secondOf(env: NodeJS.ProcessEnv, place: Place, config: (name: string) => string): Copies {
  const { endpoint, signals, headersFile } = secondSettings;
  const to = env[endpoint];
  if (!to) return none;
  needOther(endpoint, to, place);
  const wanted = env[signals];
  if (wanted) needSignals(wanted);
  const headers = env[headersFile] ? resolve(env[headersFile]) : config('no-headers.yaml');
  return {
    args: [`--config=${config('second.yaml')}`],
    env: { [endpoint]: to, ...(wanted && { [signals]: wanted }) },
    files: {
      [config('second.yaml')]: yaml(second(place, headers)),
      ...(!env[headersFile] && { [headers]: '{}\n' }),
    },
  };
}

function elasticsearchOf(env: NodeJS.ProcessEnv, place: Place, config: (name: string) => string): Copies {
  const { url, user, passwordFile } = elasticsearchSettings;
  const to = env[url];
  if (!to) return none;
  needOther(url, to, place);
  const password = env[passwordFile];
  if (!password)
    throw new RangeError(
      `Cannot use ${url}="${shownUrl(to)}": nobody may write there without a password. Name its file: ${passwordFile}.`,
    );
  return {
    args: [`--config=${config('elasticsearch.yaml')}`],
    env: { [url]: to, ...(env[user] && { [user]: env[user] }) },
    files: { [config('elasticsearch.yaml')]: yaml(toElasticsearch(place, namedElasticsearch(resolve(password)))) },
  };
}

/** Not this Collector: it would be sent its own copies. */
function needOther(setting: string, text: string, place: Place): void {
  const what = `Cannot use ${setting}="${shownUrl(text)}"`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new RangeError(`${what}: it is no http or https URL, e.g. https://otlp.example.com.`);
  const ours = (['grpc', 'http'] as const).map((port) => String(place.port('collector', port)));
  if (/^(localhost|127\.|\[::1\]|0\.0\.0\.0)/.test(url.hostname) && ours.includes(url.port))
    throw new RangeError(`${what}: that is this Collector itself. Name the other one.`);
}

function needSignals(text: string): void {
  const wrong = text.split(',').find((word) => !['traces', 'metrics', 'logs'].includes(word.trim()));
  if (wrong !== undefined)
    throw new RangeError(
      `Cannot use ${secondSettings.signals}="${text}": "${wrong}" is none of traces, metrics, logs.`,
    );
}
