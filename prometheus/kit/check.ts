import type { Query } from '../../queries/promql.ts';
import { intervalSeconds } from '../../stack.ts';
import { type Alert, descriptionOf, type Level } from './alert.ts';
import { seconds } from './duration.ts';
import { parts } from './parts.ts';
import { recordingsOf } from './record.ts';
import { severities, signOfLife } from './severity.ts';

/** What makes an alert fit to wake somebody. @throws Error that names the alert, what was seen and the remedy. */
export function check(alert: Alert): void {
  for (const level of alert.levels) checkLevel(alert, level);
  const { name, summary, levels, spec } = alert;
  const refuse = refuser(alert);
  if (!parts.some((part) => new RegExp(`^${part}s?[A-Z][A-Za-z0-9]*$`).test(name)) && name !== watchdog) {
    refuse('its name does not begin with a part. Take one of prometheus/kit/parts.ts, or add yours');
  }
  if (levels.length === 0) refuse('it has no level. Give it a severity and a threshold');
  const order = levels.map(({ severity }) => (severity === signOfLife ? 0 : severities.indexOf(severity)));
  if (order.some((at, index) => index > 0 && at <= (order[index - 1] as number))) {
    refuse('its levels are not in the order of their severities, each once. Put the most urgent first');
  }
  if (spec.length === 0) refuse('it keeps no promise. Name its id');
  if (/\$value/.test(summary)) refuse('its summary has a value, so its title would change while it fires. Move it');
}

/** The alert that always fires, so that its absence is seen. */
const watchdog = 'Watchdog';

function checkLevel(alert: Alert, level: Level): void {
  const refuse = refuser(alert);
  const query = alert.when(level);
  if (seconds(level.for) < 2 * intervalSeconds.evaluate && alert.name !== watchdog) {
    refuse(`it fires after ${level.for}. Let it last two evaluations: ${2 * intervalSeconds.evaluate}s`);
  }
  if (query.emptyWhen === undefined && alert.name !== watchdog)
    refuse(`${query.text} always has an answer. Compare it`);
  const chosen = /\b(topk|bottomk|limitk|limit_ratio|irate|idelta)\b/.exec(withoutStrings(query.text))?.[0];
  if (chosen) refuse(`${chosen} changes what it answers from one evaluation to the next. Compare with a threshold`);
  const unbounded = query.metrics.length === 0 ? [] : [...query.labels].filter((label) => isUnbounded(label, query));
  if (unbounded.length > 0) refuse(`it keeps ${unbounded.join(', ')}: one alert per process. Sum by what it is about`);
  const description = descriptionOf(alert, level);
  if (!/\{\{[^}]*\$value/.test(description) && alert.name !== watchdog) {
    refuse('its description does not tell {{ $value }}');
  }
  for (const text of [alert.summary, description]) {
    for (const [, label = ''] of text.matchAll(/\$labels\.(\w+)/g)) demandLabel(alert, query, label);
  }
  for (const label of Object.values(alert.variables ?? {})) demandLabel(alert, query, label);
  const { quiet, enough } = alert.proof(level);
  if (needsMinimum(query) && !(quiet && enough)) {
    refuse(
      'it rests on a share or a quantile of few events. Add "and <events> >= <n>" and prove it by quiet and enough',
    );
  }
}

function demandLabel(alert: Alert, query: Query, label: string): void {
  if (query.labels.has(label)) return;
  const has = [...query.labels].join(', ') || 'none';
  refuser(alert)(`its text names the label ${label}, and ${query.text} answers with ${has}`);
}

/** A label of one process of an application: a restart would be another alert. Of the stack's own parts it is the address. */
function isUnbounded(label: string, { metrics }: Query): boolean {
  if (['service_instance_id', 'service_version', 'collector_instance_id', 'le'].includes(label)) return true;
  return label === 'instance' && metrics.some(({ from }) => from.includes('application'));
}

/** A ratio of rates, or a quantile: of one event it is 0 or 1. */
function needsMinimum(query: Query): boolean {
  const all = [query, ...recordingsOf(query).map((recording) => recording.query)].map(({ text }) =>
    withoutStrings(text),
  );
  return all.some(
    (text) => /histogram_quantile/.test(text) || (/\b(rate|increase)\(/.test(text) && /\)\s*\//.test(text)),
  );
}

function withoutStrings(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}

function refuser({ name }: Alert) {
  return (why: string): never => {
    throw new Error(`Cannot use the alert ${name}: ${why}.`);
  };
}
