import type { Place } from '../../place.ts';
import { type Alert, descriptionOf, type Level } from './alert.ts';
import { type Group, isAlert } from './group.ts';
import { dashboardUrl, pageUrl } from './links.ts';

/** A group as Prometheus reads it; the place says where its dashboards are. */
export function ruleFile({ name, interval, rules }: Group, place: Place) {
  return {
    groups: [
      {
        name,
        ...(interval && { interval }),
        rules: rules.flatMap((rule): object[] =>
          isAlert(rule)
            ? rule.levels.map((level) => alertRule(rule, level, place))
            : [{ record: rule.name, expr: rule.query.text }],
        ),
      },
    ],
  };
}

function alertRule(alert: Alert, level: Level, place: Place) {
  return {
    alert: alert.name,
    expr: alert.when(level).text,
    for: level.for,
    ...(level.keepFiringFor && { keep_firing_for: level.keepFiringFor }),
    labels: staticLabels(alert, level),
    annotations: annotations(alert, level, place),
  };
}

/** What every alert carries beside the labels of its series: how urgent, and for whom. Routing rests on these. */
export function staticLabels({ team }: Alert, { severity, labels }: Level) {
  return { severity, team, ...labels };
}

/** Templates: Prometheus fills them in. */
export function annotations(alert: Alert, level: Level, place: Place) {
  return {
    summary: alert.summary,
    description: descriptionOf(alert, level),
    dashboard_url: dashboardUrl(alert, place),
    runbook_url: pageUrl(alert),
  };
}
