import { elasticsearchSettings, namedElasticsearch, toElasticsearch } from '../../../collector/copies.ts';
import { kubernetes } from '../../../place.ts';
import { othersPorts } from '../../../stack.ts';
import { twins } from '../../../twin.ts';
import { added, addedVolume, collectorReads, fromSecret, patch, wayOut } from '../../choices.ts';
import { component } from '../../hosts.ts';
import { internet } from '../../network.ts';
import { single } from '../../size.ts';

/** What names it: `url`, `user`, `password`. */
const secret = 'fleetscope-elasticsearch';
const folder = '/etc/fleetscope/elasticsearch';
const { configMapGenerator, arguments: argument } = collectorReads('elasticsearch');

/** A copy of every log record for an Elasticsearch of one's own, whom the Secret names. (P07) */
export default twins('yaml', {
  kustomization: component({
    resources: ['network.yaml'],
    configMapGenerator,
    patches: [
      argument,
      patch(
        'collector',
        added('env', { name: elasticsearchSettings.url, ...fromSecret(secret, 'url') }),
        added('env', { name: elasticsearchSettings.user, ...fromSecret(secret, 'user') }),
        added('volumeMounts', { name: 'elasticsearch', mountPath: folder, readOnly: true }),
        addedVolume({
          name: 'elasticsearch',
          secret: { secretName: secret, items: [{ key: 'password', path: 'password' }], defaultMode: 0o440 },
        }),
      ),
    ],
  }),
  'collector-elasticsearch': toElasticsearch(kubernetes(single), namedElasticsearch(`${folder}/password`)),
  network: wayOut('collector', 'elasticsearch', internet, [443, othersPorts.elasticsearch]),
});
