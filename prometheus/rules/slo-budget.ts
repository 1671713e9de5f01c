import { compose } from '../../place.ts';
import { twin } from '../../twin.ts';
import { duration } from '../kit/duration.ts';
import { group } from '../kit/group.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { everySeconds, longRecordings } from '../slo/recordings.ts';

/** What is left of the error budgets, and the windows of days. A group of its own: these sums are long, and nothing waits for them. (O01) */
export function sloBudget() {
  return group('slo-budget', longRecordings, { interval: duration(everySeconds), provedEvery: '1h' });
}

export default twin('yml', ruleFile(sloBudget(), compose));
