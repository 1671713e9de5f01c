/**
 * The remedies that a policy allows. What is not written there cannot run: no shell, no program, address or header from an
 * alert. An alert only fills the places that `with` names, with values that fit the pattern written beside them. (X04)
 */
import * as v from 'valibot';
import { duration } from '../duration.ts';
import { secretRef } from '../secret.ts';
import { placeholdersOf, placeName, wholePlace } from './placeholders.ts';
import { remedies } from './remedies.ts';

/** When it starts. All that is written must hold for one firing alert. */
const trigger = v.pipe(
  v.strictObject({
    alertname: v.optional(v.pipe(v.array(v.string()), v.nonEmpty())),
    /** A class of alerts: remedies.ts. */
    remedy: v.optional(v.picklist(Object.keys(remedies) as (keyof typeof remedies)[])),
    /** Exactly these, e.g. `severity: critical`. */
    labels: v.optional(v.record(v.string(), v.string()), {}),
  }),
  v.check(
    ({ alertname, remedy }) => alertname !== undefined || remedy !== undefined,
    'is on every alert. Name an "alertname" or a "remedy".',
  ),
);

const pattern = v.pipe(
  v.string(),
  v.check((text) => {
    try {
      return Boolean(new RegExp(`^(?:${text})$`, 'v'));
    } catch {
      return false;
    }
  }, 'is no regular expression'),
);

/** What every kind may set. */
const base = {
  /** Without it, it only runs as another hook's `onResolve`. */
  on: v.optional(trigger),
  /** True: it says what it would do, and does nothing. */
  dryRun: v.optional(v.boolean(), true),
  /** True: it waits until somebody says yes. */
  approval: v.optional(v.boolean(), false),
  /** How long it may take. A command and all that it started are ended then. */
  timeout: v.optional(v.pipe(duration, v.minValue(100), v.maxValue(600_000)), '10s'),
  /** Starts in any 60 minutes, over all incidents. One more is refused, and the incident says so. */
  ratePerHour: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)), 6),
  /** Hooks with the same lock never run at once, whoever runs them. Its own name where it has none. */
  lock: v.optional(v.pipe(v.string(), v.nonEmpty())),
  /** The hook that undoes this one. It runs when the incident is resolved, if this one was done. */
  onResolve: v.optional(v.pipe(v.string(), v.nonEmpty())),
  /** Labels of the alert, or `incident.id|title|severity|team`, and what each may look like: the whole of it. */
  with: v.optional(v.record(v.pipe(v.string(), v.regex(placeName)), pattern), {}),
};

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
const json: v.GenericSchema<Json> = v.lazy(() =>
  v.union([v.string(), v.number(), v.boolean(), v.null(), v.array(json), v.record(v.string(), json)]),
);

const http = v.strictObject({
  kind: v.literal('http'),
  ...base,
  method: v.optional(v.picklist(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']), 'POST'),
  /** The whole address, or `base` of it where it is only known on the machine, e.g. from a file. */
  url: v.union([v.string(), v.strictObject({ base: secretRef, path: v.pipe(v.string(), v.startsWith('/')) })]),
  headers: v.optional(
    v.record(
      v.pipe(v.string(), v.regex(/^[\w-]+$/)),
      v.union([v.string(), secretRef, v.strictObject({ bearer: secretRef })]),
    ),
    {},
  ),
  /** Sent as JSON. `{name}` inside a text is filled. */
  body: v.optional(json),
});

const command = v.strictObject({
  kind: v.literal('command'),
  ...base,
  /** Absolute, and the file itself: no name on a PATH, no symbolic link. */
  program: v.pipe(v.string(), v.regex(/^\/(?!.*\/\.{0,2}(?:\/|$))[^\0{}]+$/, 'is no plain absolute path')),
  /** Each as it is. One that is `{name}` alone is filled; a part of an argument never is. */
  arguments: v.optional(v.array(v.pipe(v.string(), v.regex(/^[^\0]*$/))), []),
  /** Variables of this service that it sees; no others. */
  environment: v.optional(v.array(v.pipe(v.string(), v.regex(/^(?!LD_|DYLD_|NODE_OPTIONS$)[A-Za-z_]\w*$/))), []),
  directory: v.optional(v.pipe(v.string(), v.startsWith('/')), '/'),
});

type Written = v.InferOutput<typeof http> | v.InferOutput<typeof command>;

/** A place of an address is a whole part of its path, or a whole value of its query: it cannot become another host. */
function placesOfUrl({ url }: v.InferOutput<typeof http>): boolean {
  const path = typeof url === 'string' ? /^https?:\/\/[\w.:[\]-]+(\/.*)?$/i.exec(url)?.[1] : url.path;
  if (path === undefined) return typeof url === 'string' && URL.canParse(url) && placeholdersOf(url).length === 0;
  return placeholdersOf(path.replace(/(?<=\/|=)\{[\w.]+\}(?=$|[/?&#])/g, '')).length === 0;
}

export const hookConfig = v.pipe(
  v.variant('kind', [http, command]),
  v.check(
    (hook) => hook.kind !== 'http' || placesOfUrl(hook),
    'A hook\'s "url" is a whole address of HTTP; a {name} in it is a whole part of the path or a whole value of the query',
  ),
  v.check(
    (hook) => hook.kind !== 'http' || typeof hook.url !== 'string' || /^https?:/i.test(hook.url),
    'A hook\'s "url" begins with http:// or https://',
  ),
  v.check(
    (hook) =>
      hook.kind !== 'command' || hook.arguments.every((text) => wholePlace(text) || placeholdersOf(text).length === 0),
    'A {name} in "arguments" is a whole argument',
  ),
  v.check(
    (hook) =>
      hook.kind !== 'http' ||
      Object.values(hook.headers).every((value) => typeof value !== 'string' || placeholdersOf(value).length === 0),
    'A header takes no {name}: nothing of an alert stands in one',
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const unknown = placesOf(dataset.value).filter((name) => !Object.hasOwn(dataset.value.with, name));
    if (unknown.length > 0) addIssue({ message: `{${unknown[0]}} is not allowed. Name it under "with".` });
  }),
  v.transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout })),
);

export type HookConfig = v.InferOutput<typeof hookConfig>;
/** As it is written in a policy. */
export type HookInput = v.InferInput<typeof hookConfig>;
export type HttpHook = Extract<HookConfig, { kind: 'http' }>;
export type CommandHook = Extract<HookConfig, { kind: 'command' }>;

function placesOf(hook: Written): string[] {
  if (hook.kind === 'command') return hook.arguments.flatMap((text) => placeholdersOf(text));
  const url = typeof hook.url === 'string' ? hook.url : hook.url.path;
  return [...placeholdersOf(url), ...placeholdersOf(JSON.stringify(hook.body ?? null))];
}
