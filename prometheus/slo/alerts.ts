import { promql } from '../../queries/promql.ts';
import { type Alert, alert } from '../kit/alert.ts';
import { type BurnWindow, fewestEvents, hoursToExhaustion, percent, periodDays, threshold } from './burn.ts';
import { burns } from './proofs.ts';
import { errorRatio, events } from './recordings.ts';
import { alertName, type Slo } from './slo.ts';

/** One alert per objective, one rule per pair of windows: the labels `long` and `short` say which of them burn. (O01) */
// biome-ignore lint/suspicious/noExplicitAny: the kit's own type of an alert with levels of any kind
export function burnAlert(slo: Slo): Alert<any> {
  const { name, title, counts, objectiveBp } = slo;
  const about = slo.by.includes('signal') ? '{{ $labels.signal }}' : '{{ $labels.service_name }}';
  const levels = slo.windows.map((window) => ({
    severity: window.severity,
    for: window.for,
    keepFiringFor: window.keepFiringFor,
    over: Number(threshold(objectiveBp, window)),
    labels: { long: window.long, short: window.short },
    window,
  }));
  return alert(alertName(slo), {
    spec: ['O01'],
    team: slo.team,
    levels,
    when: ({ over, window }) => {
      const { long, short } = window;
      const of = `{slo="${name}"}`;
      const enough = fewestEvents(objectiveBp, window);
      return promql`${errorRatio[long]}${of} > ${over} and ${errorRatio[short]}${of} > ${over} and ${events[long]}${of} >= ${enough}`;
    },
    summary: `${title} of ${about} spends its error budget too fast`,
    description: ({ window }) =>
      `{{ $value | humanizePercentage }} of the ${counts.events} of the last ${window.long} ${counts.bad}; ${percent(objectiveBp)} good ones are promised. ${pace(window)}`,
    dashboard: slo.dashboard,
    ...(slo.variables && { variables: slo.variables }),
    runbook: {
      meaning: `The promise: ${slo.promise}, ${percent(objectiveBp)} of the ${counts.events}. It is broken so often that the error budget of ${periodDays} days will be spent too soon, in a long window and in a short one: it matters, and it goes on. The labels \`long\` and \`short\` name the windows. All of it: [slo.md](../slo.md).`,
      impact: slo.impact,
      checks: slo.checks,
      remedy: slo.remedy,
    },
    proof: ({ window }) => {
      const { long, short } = window;
      return burns(slo, window, { long: errorRatio[long], short: errorRatio[short], events: events[long] });
    },
  });
}

function pace(window: BurnWindow): string {
  const hours = hoursToExhaustion(window);
  return `At this pace the budget of ${periodDays} days is gone in ${hours < 72 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`} or sooner.`;
}
