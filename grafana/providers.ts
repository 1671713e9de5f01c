import { twin } from '../twin.ts';

/** Grafana loads every JSON file of the dashboards' folder and shows it read-only. */
export function providers(dashboards: string) {
  return {
    apiVersion: 1,
    providers: [
      {
        name: 'fleetscope',
        folder: 'Fleetscope',
        type: 'file',
        allowUiUpdates: false,
        disableDeletion: true,
        options: { path: dashboards },
      },
    ],
  };
}

/** Where compose.yml mounts `grafana/dashboards`. */
export const composeDashboards = '/etc/fleetscope/dashboards';

export default twin('yaml', providers(composeDashboards));
