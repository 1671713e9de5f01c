import { kubernetes } from '../../../../place.ts';
import { twins } from '../../../../twin.ts';
import { configs } from '../../../configs.ts';
import { team } from '../../../size.ts';

export default twins('yaml', configs(kubernetes(team)));
