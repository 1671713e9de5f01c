/** What a service is told by its environment. What is missing or impossible is named with its variable, and it does not start. */
import { readFileSync } from 'node:fs';
import { type Place, url } from '../place.ts';
import type { Component } from '../stack.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** A secret shorter than this was not made by chance. */
const shortestSecret = 32;

/** The value of a variable that has no default. `what` says what to give it. @throws Error */
export function needed(env: Env, name: string, what: string): string {
  const value = env[name];
  if (!value) throw new Error(`Cannot start: ${name} is not set. Give it ${what}.`);
  return value;
}

/** The secret in the file that a variable names. @throws Error, which never shows it */
export function secret(env: Env, name: string): string {
  const path = needed(env, name, 'the path of a file with a secret made by chance');
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new Error(
      `Cannot start: ${name}=${path} cannot be read (${(cause as NodeJS.ErrnoException).code}). Make the file, or let this user read it.`,
      { cause },
    );
  }
  if (text.length < shortestSecret)
    throw new Error(
      `Cannot start: the secret in ${path} (${name}) has ${text.length} characters, fewer than ${shortestSecret}. Make one: head -c 32 /dev/urandom | base64.`,
    );
  return text;
}

/** Where to listen, as `host:port` or `[host]:port`; port 0 is any free one. @throws Error */
export function listenOn(env: Env, name: string): { readonly bind: string; readonly port: number } {
  const text = needed(env, name, 'an address, e.g. 127.0.0.1:9000');
  const [, bind, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (!bind || Number(port) > 65_535)
    throw new Error(`Cannot start: ${name}="${text}" is no address. Write host:port.`);
  return { bind, port: Number(port) };
}

/** Seconds between two pushes of a service's metrics: what nobody was told of is to be seen soon. */
const pushSeconds = 15;

/** The variables by which a service of ours tells the Collector how it is, under the name `fleetscope-<component>`. */
export function telemetryEnv(place: Place, component: Component): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: `fleetscope-${component}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: url(place, 'collector', 'grpc'),
    OTEL_METRIC_EXPORT_INTERVAL: String(1000 * pushSeconds),
  };
}
