import { twin } from '../twin.ts';
import { groups } from './groups.ts';
import { targets } from './targets.ts';

export const rulesConfigMap = 'prometheus-rules';

/** What k8s/ takes from here, which may not reach beyond its own folder: its name gets a hash of what is in it. */
export default twin('yaml', {
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  configMapGenerator: [{ name: rulesConfigMap, files: groups(targets).map(({ name }) => `rules/${name}.yml`) }],
});
