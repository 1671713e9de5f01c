import { kubernetes } from '../../../place.ts';
import { targetFolders } from '../../../prometheus/scrape-targets.ts';
import { twins } from '../../../twin.ts';
import { added, addedVolume, patch, wayOut } from '../../choices.ts';
import { component } from '../../hosts.ts';
import { single } from '../../size.ts';

const folders = targetFolders(kubernetes(single));
const mounts = [
  ['scrape-targets', folders.services],
  ['scrape-targets-slow', folders.slow],
] as const;

/** Services of other namespaces that only expose /metrics: ConfigMaps with a key for each file, where their namespaces are labelled. (P11) */
export default twins('yaml', {
  kustomization: component({
    resources: ['network.yaml'],
    patches: [
      patch(
        'prometheus',
        ...mounts.flatMap(([name, mountPath]) => [
          added('volumeMounts', { name, mountPath, readOnly: true }),
          addedVolume({ name, configMap: { name, optional: true } }),
        ]),
      ),
    ],
  }),
  network: wayOut(
    'prometheus',
    'scrape-targets',
    [{ namespaceSelector: { matchLabels: { 'fleetscope.dev/scraped': 'true' } } }],
    [],
  ),
});
