import { expect, test } from 'vitest';
import { compose } from '../../../place.ts';
import { isAlert } from '../../../prometheus/kit/group.ts';
import { pageUrl, repositoryUrl, runbookUrl } from '../../../prometheus/kit/links.ts';
import { annotations } from '../../../prometheus/kit/rule-file.ts';
import { returnedErrors } from '../../../prometheus/rules/returned-errors.ts';
import { targets } from '../../../prometheus/targets.ts';
import { errorPagePath } from './errors-page.ts';

test('B11 the link of the alert about an error leads to the page that the memory writes of it', () => {
  const [alert] = returnedErrors(targets).rules.filter(isAlert);
  if (!alert?.levels[0]) return expect.unreachable();
  const { runbook_url } = annotations(alert, alert.levels[0], compose);
  const filled = runbook_url.replace('{{ $labels.error_fingerprint | urlquery }}', 'aaaaaaaaaaaa');
  expect(filled).toBe(`${repositoryUrl}/${errorPagePath('aaaaaaaaaaaa')}`);
  expect(pageUrl({ name: 'AgentSilent' })).toBe(runbookUrl('AgentSilent'));
});
