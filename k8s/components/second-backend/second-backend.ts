import { second, secondSettings } from '../../../collector/copies.ts';
import { kubernetes } from '../../../place.ts';
import { othersPorts } from '../../../stack.ts';
import { twins } from '../../../twin.ts';
import { added, addedVolume, collectorReads, fromSecret, patch, wayOut } from '../../choices.ts';
import { component } from '../../hosts.ts';
import { internet } from '../../network.ts';
import { single } from '../../size.ts';

/** What names it: `endpoint`, `headers.yaml` (`{}` for none) and, if not all of them, `signals`. */
const secret = 'fleetscope-second-backend';
const folder = '/etc/fleetscope/second';
const { configMapGenerator, arguments: argument } = collectorReads('second');

/** A copy of every signal for a vendor or another region, whom the Secret names. (P11) */
export default twins('yaml', {
  kustomization: component({
    resources: ['network.yaml'],
    configMapGenerator,
    patches: [
      argument,
      patch(
        'collector',
        added('env', { name: secondSettings.endpoint, ...fromSecret(secret, 'endpoint') }),
        added('env', { name: secondSettings.signals, ...fromSecret(secret, 'signals', true) }),
        added('volumeMounts', { name: 'second-backend', mountPath: folder, readOnly: true }),
        addedVolume({
          name: 'second-backend',
          secret: { secretName: secret, items: [{ key: 'headers.yaml', path: 'headers.yaml' }], defaultMode: 0o440 },
        }),
      ),
    ],
  }),
  'collector-second': second(kubernetes(single), `${folder}/headers.yaml`),
  network: wayOut('collector', 'second-backend', internet, [443, othersPorts.otlp]),
});
