/** From a span to the lines of its trace, of whichever store the span came. */
export const toLogs = {
  datasourceUid: 'loki',
  spanStartTimeShift: '-5m',
  spanEndTimeShift: '5m',
  tags: [{ key: 'service.name', value: 'service_name' }],
  customQuery: true,
  // `$$` is one `$`: Grafana expands environment variables in provisioning files.
  query: '{$${__tags}} | trace_id = "$${__trace.traceId}"',
};
