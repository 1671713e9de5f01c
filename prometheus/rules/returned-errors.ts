import { errorReturned, returnedFingerprint } from '../../instrumentation/src/catalog/operational-memory.ts';
import { compose } from '../../place.ts';
import { promql } from '../../queries/promql.ts';
import { twin } from '../../twin.ts';
import { alert } from '../kit/alert.ts';
import { group } from '../kit/group.ts';
import { gauge } from '../kit/proof.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { series } from '../kit/world.ts';
import { type Targets, targets } from '../targets.ts';

/** What was mended, and is broken again: about one error, so its link leads to that error's page. (B11) */
export function returnedErrors(_: Targets) {
  return group('returned-errors', [
    alert('TaskErrorReturned', {
      spec: ['B11', 'M05'],
      team: 'fleet',
      levels: [{ severity: 'info', over: 0, for: '5m' }],
      when: ({ over }) => promql`max by (${returnedFingerprint}) (${errorReturned}) > ${over}`,
      summary: 'The error {{ $labels.error_fingerprint }} has come back',
      description:
        'It had been gone for longer than chance would have it, or somebody had said that it was resolved ({{ $value }} = it is back).',
      dashboard: 'errors',
      page: { folder: 'docs/errors', label: 'error_fingerprint' },
      runbook: {
        meaning:
          'Work failed with an error that was over: its page says since when, what caused it then, and which commit was to mend it. It ends when the page says that it is resolved again, when the error is gone, or after seven days.',
        impact: 'Tasks fail again for a reason that somebody has already paid to find.',
        checks: [
          {
            ask: 'What is known of it? Its page, docs/errors/<fingerprint>.md, is what the link of the alert opens.',
            command: 'npm run monitor -- show error:<fingerprint>',
          },
          { ask: 'Which runs failed with it, and what did they cost?', command: 'npm run monitor -- failures' },
          {
            ask: 'Is it alone?',
            query: promql`sum by (${returnedFingerprint}) (${errorReturned})`,
          },
        ],
        remedy: [
          'The fix was not released there, or was taken back: compare the fix commit of the page with what runs.',
          'The cause is another one: write it on the page; the old one stands in its history in Git.',
          'Mended: write resolved, or the new fix commit, on the page.',
          'The page is not there yet: the memory has not written its documents to this repository. What the store knows, the first command shows.',
        ],
      },
      proof: ({ over }) => gauge(series(errorReturned), { over }),
    }),
  ]);
}

export default twin('yml', ruleFile(returnedErrors(targets), compose));
