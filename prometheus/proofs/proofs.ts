import { compose } from '../../place.ts';
import { twins } from '../../twin.ts';
import { groups } from '../groups.ts';
import { proofFile } from '../kit/cases.ts';
import { targets } from '../targets.ts';

const all = groups(targets);

/** Tests for promtool, one file for each group. Not beside the rules: Prometheus loads every file there. */
export default twins('yml', Object.fromEntries(all.map((group) => [group.name, proofFile(group, all, compose)])));
