import { type Place, url } from '../place.ts';
import { toLogs } from './to-logs.ts';

/** Jaeger beside the others, where it runs: from its spans to the same logs and metrics as from Tempo's. (P07) */
export function jaegerSource(place: Place) {
  return {
    name: 'Jaeger',
    uid: 'jaeger',
    type: 'jaeger',
    access: 'proxy',
    url: url(place, 'jaeger', 'http'),
    jsonData: {
      tracesToLogsV2: toLogs,
      nodeGraph: { enabled: true },
    },
  };
}

/** A file of data sources beside datasources.yaml: Grafana reads every file of the folder, and forgets those that are in none any more. */
export function sources(...datasources: object[]) {
  return { apiVersion: 1, prune: true, datasources };
}
