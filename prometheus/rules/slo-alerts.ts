import { compose } from '../../place.ts';
import { twin } from '../../twin.ts';
import { duration } from '../kit/duration.ts';
import { group } from '../kit/group.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { burnAlert } from '../slo/alerts.ts';
import { objectives } from '../slo/objectives.ts';
import { everySeconds } from '../slo/recordings.ts';

/** Who is told when an error budget goes too fast: an alert for each promise, a rule for each pair of windows. (O01) */
export function sloAlerts() {
  return group('slo-alerts', objectives.map(burnAlert), { interval: duration(everySeconds) });
}

export default twin('yml', ruleFile(sloAlerts(), compose));
