/** Names that mean the same look the same on every dashboard. Never by colour alone: a name or a dash stands beside it. */
import * as model from '@grafana/grafana-foundation-sdk/dashboard';
import { closedValues } from '../queries/stored-names.ts';

type Look = model.DynamicConfigValue[];

/** The value from which each colour holds, in the order of the values. Green is well, red is not. */
export type Steps = Partial<Record<'green' | 'yellow' | 'red', number>>;

const looks: Record<string, Look> = {
  ...each(['Received'], line('blue')),
  ...each(
    ['Sent', 'Success', 'success', 'completed', 'approved', 'allowed', 'Allowed', 'passed', 'Completed'],
    line('green'),
  ),
  ...each(['failure', 'failed', 'rejected', 'denied', 'Denied', 'error', 'critical'], line('red')),
  ...each(['cancelled', 'expired', 'high', 'skipped'], line('orange')),
  ...each(['medium', 'pending', 'warning'], line('yellow')),
  ...each(['low', 'info', '_OTHER', 'unknown'], line('text')),
  // What goes wrong is an area: at 0 there is none to see.
  ...each(['Refused'], area('yellow')),
  ...each(['Failed'], area('red')),
  ...each(['p50'], line('light-blue')),
  ...each(['p95'], line('blue')),
  ...each(['p99'], line('purple')),
  // A boundary is dashed.
  ...each(['Budget', 'Limit', 'Target'], dashed('red')),
  ...each(['Projection', 'Normal', 'A week ago', 'Yesterday'], dashed('text')),
};

/** The looks of a legend: of the name that it is, or of the values that its one label can have. */
export function looksOf(legend: string): [name: string, look: Look][] {
  const label = /^\{\{\s*(\w+)\s*\}\}$/.exec(legend)?.[1];
  const names = label ? [...(closedValues.get(label) ?? [])] : [legend];
  return names.flatMap((name): [string, Look][] => (looks[name] ? [[name, looks[name]]] : []));
}

/**
 * By their order, which is that of their names: no two alike. By its name alone a line would often have the colour of
 * its neighbour. One line alone is blue: green and red mean something.
 */
export function byOrder(series: object): model.FieldColorBuilder {
  const [legend = '', ...others] = Object.keys(series).filter((name) => !looks[name]);
  const alone = others.length === 0 && !legend.includes('{{');
  return alone
    ? new model.FieldColorBuilder().mode(model.FieldColorModeId.Fixed).fixedColor('blue')
    : new model.FieldColorBuilder().mode(model.FieldColorModeId.PaletteClassic);
}

/** What goes wrong is not green, as the first of an order would be: alone it is orange, of several each has its name's. */
export function ofMishaps(series: object): model.FieldColorBuilder {
  const [legend = '', ...others] = Object.keys(series);
  return others.length > 0 || legend.includes('{{')
    ? new model.FieldColorBuilder().mode(model.FieldColorModeId.PaletteClassicByName)
    : new model.FieldColorBuilder().mode(model.FieldColorModeId.Fixed).fixedColor('orange');
}

export function bySteps(): model.FieldColorBuilder {
  return new model.FieldColorBuilder().mode(model.FieldColorModeId.Thresholds);
}

/** Without a threshold of ours Grafana would colour everything from 80 on red. */
export function thresholds(steps: Steps | undefined): model.ThresholdsConfigBuilder {
  return new model.ThresholdsConfigBuilder().mode(model.ThresholdsMode.Absolute).steps(thresholdList(steps));
}

export function thresholdList(steps: Steps | undefined): model.Threshold[] {
  const [first, ...rest] = Object.entries(steps ?? { blue: 0 });
  return [{ color: first?.[0] as string, value: null }, ...rest.map(([color, value]) => ({ color, value }))];
}

function each(names: string[], look: Look): Record<string, Look> {
  return Object.fromEntries(names.map((name) => [name, look]));
}

function line(colour: string): Look {
  return [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }];
}

function area(colour: string): Look {
  return [...line(colour), { id: 'custom.lineWidth', value: 0 }, { id: 'custom.fillOpacity', value: 70 }];
}

function dashed(colour: string): Look {
  return [
    ...line(colour),
    { id: 'custom.drawStyle', value: 'line' },
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
    { id: 'custom.lineWidth', value: 2 },
    { id: 'custom.fillOpacity', value: 0 },
    { id: 'custom.stacking', value: { mode: 'none', group: 'A' } },
  ];
}
