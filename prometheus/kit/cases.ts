/** Makes promtool's unit tests of the proofs: what each alert does at its threshold, exactly. */
import type { Place } from '../../place.ts';
import type { Alert, Level } from './alert.ts';
import { type Duration, minutes } from './duration.ts';
import type { Labels } from './example-labels.ts';
import { alertsOf, type Group, recordedBy } from './group.ts';
import type { Proof } from './proof.ts';
import { type Answer, recordingsOf } from './record.ts';
import { annotations, staticLabels } from './rule-file.ts';
import { signOfLife } from './severity.ts';
import { render } from './template.ts';
import { inputSeries, type Phase, selector } from './world.ts';

/** One test of promtool. */
export interface Case {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly { series: string; values: string }[];
  readonly alert_rule_test?: readonly object[];
  readonly promql_expr_test?: readonly object[];
}

/** The test file of a group. `others` hold recordings that its queries rest on. */
export function proofFile(group: Group, others: readonly Group[], place: Place) {
  const needed = new Set(
    alertsOf(group).flatMap((alert) => alert.levels.flatMap((level) => recordingsOf(alert.when(level)))),
  );
  const files = others.filter(
    (other) => other.name !== group.name && recordedBy(other).some((each) => needed.has(each)),
  );
  const names = [...files, group].map(({ name }) => name);
  const every = group.provedEvery ?? '1m';
  return {
    rule_files: names.map((name) => `../rules/${name}.yml`),
    evaluation_interval: every,
    group_eval_order: names,
    // Sums of many small steps differ in the last digit.
    fuzzy_compare: true,
    tests: [
      ...recordedBy(group).flatMap((recording) =>
        recording.proof.map((answer) => recordingCase(recording.name, answer)),
      ),
      ...alertsOf(group).flatMap((alert) =>
        alert.levels.flatMap((level) => alertCases(alert, level, place, minutes(every))),
      ),
    ],
  };
}

function recordingCase(
  name: string,
  { title, world, after = [], atMinute = 10, answers, step = scrape }: Answer,
): Case {
  const start = length(after);
  const samples = typeof answers === 'number' ? [{ labels: {}, value: answers }] : answers;
  return {
    name: `${name}: ${title}`,
    interval: step,
    input_series: inputSeries([...after, [world, atMinute]], step),
    promql_expr_test: [
      {
        expr: name,
        eval_time: `${start + atMinute}m`,
        exp_samples: samples.map(({ labels, value }) => ({ labels: `${name}${selector(labels)}`, value })),
      },
    ],
  };
}

const scrape: Duration = '15s';

/**
 * Fires at the threshold after `for`, not an evaluation earlier; not short of it; not on too little; ends when it is over.
 * `every`: minutes between two evaluations.
 */
export function alertCases(alert: Alert, level: Level, place: Place, every = 1): Case[] {
  const proof = alert.proof(level);
  const { bad, good, recovered, quiet, enough, before = [], trueAfter, falseAfter, lasts, settles, also = [] } = proof;
  // What happens between two evaluations is seen at the second.
  const seen = (minute: number) => Math.ceil(minute / every) * every;
  const wait = seen(minutes(level.for));
  const keep = seen(minutes(level.keepFiringFor ?? '0s'));
  const start = length(before);
  const fires = seen(start + trueAfter) + wait;
  const long = seen(start + settles) + wait + 5 * every - start;
  // What lasts by itself is over at a time of its own; the rest is over some time after the world gets better.
  const better = fires + every;
  const ends = seen(lasts === undefined ? better + falseAfter : start + lasts) + keep;
  const firing = `alertname="${alert.name}",severity="${level.severity}",alertstate="firing"`;
  const at = (minute: number, isTold: boolean, labels: Labels = {}) => ({
    expr: `ALERTS{${firing}}`,
    eval_time: `${minute}m`,
    exp_samples: isTold
      ? [{ labels: alertsSeries(alert, level, { ...proof, labels: { ...proof.labels, ...labels } }), value: 1 }]
      : [],
  });
  const never = (from: number, to: number, matchers = firing) => ({
    expr: `count_over_time(ALERTS{${matchers}}[${to - from + 1}m])`,
    eval_time: `${to}m`,
    exp_samples: [],
  });
  const test = (title: string, phases: readonly Phase[], checks: Partial<Case>, step = proof.step ?? scrape): Case => ({
    name: `${alert.name} ${level.severity}: ${title}`,
    interval: step,
    input_series: inputSeries(phases, step),
    ...checks,
  });
  const pendingToo = firing.replace(',alertstate="firing"', '');
  const cases = [
    test(`fires after ${level.for} just beyond the threshold`, [...before, [bad, fires - start]], {
      promql_expr_test: [...(fires > 0 ? [at(fires - every, false)] : []), at(fires, true)],
      alert_rule_test: [
        { eval_time: `${fires}m`, alertname: alert.name, exp_alerts: firingAt(alert, level, fires, place, seen) },
      ],
    }),
    test('is not even pending just short of it', [...before, [good, long]], {
      promql_expr_test: [never(0, start + long, pendingToo)],
    }),
    ...(quiet
      ? [test('is not told on too little', [...before, [quiet, long]], { promql_expr_test: [never(0, start + long)] })]
      : []),
    ...(enough
      ? [test('is told on just enough', [...before, [enough, long]], { promql_expr_test: [at(start + long, true)] })]
      : []),
    test('ends when it is over', [...before, [bad, better - start], [recovered, Math.max(ends - better, every)]], {
      promql_expr_test: [at(ends - every, true), at(ends, false)],
    }),
    ...also.map(({ title, phases, told, step, labels }) => {
      const end = length(phases);
      const expected =
        told === 'at the end' ? at(end, true, labels) : never(told.notFrom === 0 ? 0 : told.notFrom + keep, end);
      return test(title, phases, { promql_expr_test: [expected] }, step);
    }),
  ];
  // What always fires can do nothing else.
  return level.severity === signOfLife ? cases.slice(0, 1) : cases;
}

function length(phases: readonly Phase[]): number {
  return phases.reduce((sum, [, lasts]) => sum + lasts, 0);
}

/** Every level that fires at that minute in the world of one of them: promtool wants all of an alert's name. */
function firingAt(alert: Alert, told: Level, minute: number, place: Place, seen: (minute: number) => number) {
  const { value, before = [] } = alert.proof(told);
  const start = length(before);
  const firing = alert.levels.filter((level) => {
    if (level === told) return true;
    const isTrue = level.over !== undefined ? value > level.over : value < (level.under as number);
    return isTrue && minute >= seen(start + alert.proof(level).trueAfter) + seen(minutes(level.for));
  });
  return firing.map((level) => {
    const labels = identity(alert, level, alert.proof(level));
    const texts = Object.entries(annotations(alert, level, place));
    return {
      exp_labels: { ...staticLabels(alert, level), ...labels },
      exp_annotations: Object.fromEntries(texts.map(([name, text]) => [name, render(text, labels, value)])),
    };
  });
}

function alertsSeries(alert: Alert, level: Level, proof: Proof): string {
  const labels = { alertname: alert.name, alertstate: 'firing', ...staticLabels(alert, level) };
  return `ALERTS${selector({ ...labels, ...identity(alert, level, proof) })}`;
}

/** The labels that an alert has of its series: those that its query keeps. */
function identity(alert: Alert, level: Level, { bad, labels: added = {} }: Proof): Labels {
  const kept = [...alert.when(level).labels].sort();
  return Object.fromEntries(
    kept.flatMap((label) => {
      const value = added[label] ?? bad.find(({ labels }) => labels[label] !== undefined)?.labels[label];
      return value === undefined ? [] : [[label, value]];
    }),
  );
}

/** Recordings that nothing proves: neither an alert that rests on them nor cases of their own. */
export function unproved(groups: readonly Group[]): string[] {
  const rested = groups.flatMap((group) =>
    alertsOf(group).flatMap((alert) => alert.levels.flatMap((level) => recordingsOf(alert.when(level)))),
  );
  const all = groups.flatMap(recordedBy);
  const proved = all.filter((recording) => recording.proof.length > 0 || rested.includes(recording));
  return all.filter((recording) => !proved.includes(recording)).map(({ name }) => name);
}
