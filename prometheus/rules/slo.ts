import { compose } from '../../place.ts';
import { twin } from '../../twin.ts';
import { duration } from '../kit/duration.ts';
import { group } from '../kit/group.ts';
import { ruleFile } from '../kit/rule-file.ts';
import { everySeconds, shortRecordings } from '../slo/recordings.ts';

/** What the six promises (prometheus/slo/objectives.ts) count, good and bad, and the windows of hours. (O01) */
export function slo() {
  return group('slo', shortRecordings, {
    interval: duration(everySeconds),
  });
}

export default twin('yml', ruleFile(slo(), compose));
