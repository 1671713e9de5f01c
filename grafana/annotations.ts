/** What happened, as lines through every panel over time. */
import { started } from '../instrumentation/src/catalog/service.ts';
import { environment } from '../prometheus/kit/labels.ts';
import { agentCostPerDay } from '../prometheus/rules/cost.ts';
import { targets } from '../prometheus/targets.ts';
import { logql } from '../queries/logql.ts';
import { promql } from '../queries/promql.ts';
import { collector, written } from '../queries/stack-metrics.ts';
import { type Asked, sources } from './series.ts';

export interface Annotation {
  readonly name: string;
  readonly asks: Asked;
  build(): object;
}

interface Mark {
  colour: string;
  /** Templates over the labels: `{{alertname}}`. */
  title: string;
  text?: string;
  /** Labels shown as tags. */
  tags?: readonly string[];
}

/** A mark at each time at which the query answers. @throws Error for a label that it does not answer with. */
export function annotation(name: string, asked: Asked, { colour, title, text = '', tags = [] }: Mark): Annotation {
  for (const [, label = ''] of `${title} ${text} ${tags.map((tag) => `{{${tag}}}`)}`.matchAll(/\{\{\s*(\w+)\s*\}\}/g)) {
    if (!asked.labels.has(label)) throw new Error(`Cannot mark "${name}" with {{${label}}}: ${asked.text} has it not.`);
  }
  return {
    name,
    asks: asked,
    build: () => ({
      name,
      enable: true,
      hide: false,
      iconColor: colour,
      datasource: sources[asked.language],
      // Grafana reads Prometheus' query from the target, and Loki's from beside it.
      expr: asked.text,
      target: { refId: 'Annotation', expr: asked.text, ...(asked.language === 'logql' && { queryType: 'range' }) },
      ...(asked.language === 'logql' ? { queryType: 'range', maxLines: 100 } : { step: '60s' }),
      titleFormat: title,
      textFormat: text,
      tagKeys: tags.join(','),
    }),
  };
}

/** The moment at which an alert began to fire, once for all that it fires for. As areas, alerts would hide the panels. */
const firing = (ago = '') =>
  promql`group by (alertname, severity, team) (max_over_time(${written.alerts}{alertstate="firing"}[$__interval] ${ago}))`;
export const firingAlerts = annotation('Alerts', promql`${firing()} unless ${firing('offset $__interval')}`, {
  colour: 'red',
  title: '{{alertname}}',
  tags: ['severity', 'team'],
});

/** A process came up: a deployment, or a restart. */
export const deployments = annotation(
  'Deployments',
  logql`{service_name=~".+"} | event_name=${started} | line_format "{{.service_name}} {{.service_version}}"`,
  { colour: 'blue', title: '{{service_name}} started', text: 'Version {{service_version}}' },
);

/** What the panels show then is older than it looks. */
export const lateTelemetry = annotation(
  'Telemetry late',
  promql`time() - max(timestamp(${collector.spanCalls})) > 60`,
  { colour: 'orange', title: 'Telemetry is late: see the dashboard "Telemetry pipeline"' },
);

/** The last 24 hours cost more than a day may. For pages about money. (D01) */
export const overBudget = annotation(
  'Over budget',
  promql`sum by (${environment}) (${agentCostPerDay}{${environment}=~"$environment"}) > ${targets.cost.usdPerDay}`,
  {
    colour: 'purple',
    title: `The last 24 hours cost more than $${targets.cost.usdPerDay}`,
    text: `Environment {{${environment}}}`,
  },
);
