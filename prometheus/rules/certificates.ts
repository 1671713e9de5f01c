import { certificateEnd } from '../../instrumentation/src/catalog/certificates.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import type { Proof } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series, stays } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

/** Are parts known to each other for long enough? Silent where they have no certificates. (P06) */
export function certificates({ certificateSeconds }: Targets) {
  return group(
    'certificates',
    [
      alert('CertificateEnding', {
        spec: ['P06', 'A19'],
        team: 'platform',
        levels: [{ severity: 'warning', under: certificateSeconds, for: '15m' }],
        when: ({ under }) => promql`min(${certificateEnd}) - time() < ${under}`,
        summary: 'A certificate by which parts know each other ends soon',
        description: 'It ends in {{ $value | humanizeDuration }}. Then no part believes the other.',
        dashboard: 'telemetry-pipeline',
        runbook: {
          meaning:
            'The certificate of the escalation service or of the ledger ends within three weeks. Those two stand for all: the certificates of an installation are made together, or renewed by the same cert-manager. What Grafana and Loki were started with is not seen.',
          impact:
            'None until it ends. Then parts refuse each other: telemetry waits in queues until they are full, and no alert reaches anybody.',
          checks: [
            {
              ask: 'Whose is it?',
              query: promql`min by (service_name) (${certificateEnd}) - time()`,
            },
            {
              ask: 'When does each end?',
              command:
                'for s in $(kubectl -n fleetscope get secrets -o name | grep fleetscope-tls-); do echo $s; kubectl -n fleetscope get $s -o "jsonpath={.data.tls\\.crt}" | base64 -d | openssl x509 -noout -enddate; done',
            },
            {
              ask: 'Where cert-manager makes them: does it, and what keeps it from that?',
              command: 'kubectl -n fleetscope describe certificates',
            },
          ],
          remedy: [
            'They were printed by npm run secrets: all of them anew, and restart everything (docs/secrets.md, Between the parts).',
            'cert-manager does not run, or its Issuer is not ready: start it; it renews at once what is late.',
            'The Secret has a new one and the service shows the old: restart it.',
            'Grafana and Loki show the one that they were started with: restart them too when the others are renewed.',
          ],
        },
        proof: ({ under }) => endProof(under),
      }),
    ],
    // Days matter, not seconds.
    { interval: '5m', provedEvery: '15m' },
  );
}

/** Time begins at 0, and what ends comes nearer meanwhile. */
function endProof(under: number): Proof {
  const ends = (seconds: number, service = 'fleetscope-monitor') =>
    stays(series(certificateEnd, { service_name: service }), seconds);
  // A case lasts two hours, and waits for 15 minutes.
  const [twoHours, waits] = [7200, 15 * 60];
  const bad = ends(under - 60);
  return {
    bad,
    good: ends(under + twoHours),
    recovered: ends(under * 2),
    value: under - 60 - waits,
    trueAfter: 0,
    falseAfter: 1,
    settles: 15,
    also: [
      {
        title: 'is told though the other service has a new one',
        phases: [[[...bad, ...ends(under * 2, 'fleetscope-escalation')], 45]],
        told: 'at the end',
      },
      { title: 'is not told where parts have none', phases: [[[], 60]], told: { notFrom: 0 } },
    ],
  };
}

export default twin('yml', ruleFile(certificates(targets), compose));
