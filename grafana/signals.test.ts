import { expect, test } from 'vitest';
import { destination, sender, sentMessages } from '../instrumentation/src/catalog/messages.ts';
import { violationLogged } from '../instrumentation/src/catalog/security.ts';
import { logql } from '../queries/logql.ts';
import { promql } from '../queries/promql.ts';
import { traceql } from '../queries/traceql.ts';
import { ofCell, open } from './links.ts';
import { alertList, logs, nodeGraph, serviceMap, text, traces } from './signals.ts';

const note = { read: 'For this test.', empty: 'nothing yet.' };
const messages = promql`sum by (${sender}, ${destination}) (increase(${sentMessages}[$__range]))`;

test('records, traces and calls are asked of their own stores', () => {
  const failing = traceql`{ status = error }`;
  const panels = [
    logs('Violations', logql`{service_name=~".+"} | event_name=${violationLogged}`, note),
    traces('Failed', failing, note),
    traces('Failed spans', failing, { ...note, rows: 'spans', most: 50 }),
    serviceMap('Services', note),
  ].map((panel) => panel.build([]));
  expect(panels).toMatchObject([
    { type: 'logs', datasource: { uid: 'loki' }, targets: [{ queryType: 'range', maxLines: 100 }] },
    {
      type: 'table',
      targets: [{ queryType: 'traceql', tableType: 'traces', limit: 20, datasource: { uid: 'tempo' } }],
    },
    { targets: [{ tableType: 'spans', limit: 50 }] },
    { type: 'nodeGraph', datasource: { uid: 'tempo' }, targets: [{ queryType: 'serviceMap' }] },
  ]);
});

test('D17 who speaks to whom is drawn from two labels of one metric', () => {
  const ends = { from: 'message_sender', towards: 'messaging_destination_name', unit: 'short' } as const;
  const drawn = nodeGraph('Talk', messages, { ...note, ...ends });
  expect(drawn.build([])).toMatchObject({ type: 'nodeGraph', targets: [{ format: 'table' }] });
  expect(drawn.asks[0]?.labels).toEqual(new Set([...messages.labels, 'source', 'target', 'id']));
  expect(() => nodeGraph('Talk', messages, { ...note, ...ends, from: 'agent_name' })).toThrow(
    /has no label agent_name/,
  );
});

test('the list of alerts is that of Prometheus’ rules, and shows what fires and what is about to', () => {
  expect(alertList('Alerts', { ...note, labels: '{team="security"}' }).build([])).toMatchObject({
    type: 'alertlist',
    options: {
      datasource: 'Prometheus',
      alertInstanceLabelFilter: '{team="security"}',
      stateFilter: { firing: true, pending: true, normal: false },
    },
  });
});

test('text is Markdown and asks nothing', () => {
  const shown = text('Read this first', 'Hello');
  expect(shown.asks).toEqual([]);
  expect(shown.build([])).toMatchObject({ type: 'text', options: { mode: 'markdown', content: 'Hello' } });
});

test('the way on stands beside the title of a list: its cells lead to what they show', () => {
  const shown = traces('Failed', traceql`{ status = error }`, { ...note, to: 'errors' }).build([]);
  expect(shown).toMatchObject({
    links: [{ title: 'Open Errors' }],
    fieldConfig: { defaults: expect.not.objectContaining({ links: expect.anything() }) },
  });
  const clicked = open('agent-detail', { agent: ofCell });
  expect(() => traces('Failed', traceql`{ status = error }`, { ...note, to: clicked })).toThrow(
    /Cannot lead on from "Failed": its link needs the value/,
  );
});
