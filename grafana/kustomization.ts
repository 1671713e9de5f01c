import { twin } from '../twin.ts';
import { dashboardList } from './dashboard-list.ts';

/** The ConfigMap of a dashboard: one each, as all of them would be more than one may hold. */
export function dashboardConfigMap(uid: string): string {
  return `dashboard-${uid}`;
}

/** What k8s/ takes from here, which may not reach beyond its own folder: its name gets a hash of what is in it. */
export default twin('yaml', {
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  configMapGenerator: Object.keys(dashboardList).map((uid) => ({
    name: dashboardConfigMap(uid),
    files: [`dashboards/${uid}.json`],
  })),
});
