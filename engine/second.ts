/** A second backend of a native stack: the Collector's other configuration file, where the environment names one. (P11) */
import { resolve } from 'node:path';
import { second, secondSettings } from '../collector/copies.ts';
import type { Place } from '../place.ts';
import { yaml } from '../twin.ts';

interface Second {
  args: string[];
  env: Record<string, string>;
  files: Record<string, string>;
}

/** @throws RangeError that names the variable: no URL, ourselves, no signal. */
export function secondOf(env: NodeJS.ProcessEnv, place: Place, config: (name: string) => string): Second {
  const { endpoint, signals, headersFile } = secondSettings;
  const to = env[endpoint];
  if (!to) return { args: [], env: {}, files: {} };
  needOther(to, place);
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

/** Not this Collector: it would be sent its own copies. */
function needOther(text: string, place: Place): void {
  const what = `Cannot use ${secondSettings.endpoint}="${text}"`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new RangeError(
      `${what}: it is no http or https URL. OTLP goes there over HTTP, e.g. https://otlp.example.com.`,
    );
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
