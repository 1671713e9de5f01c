import { askAnomalies } from './anomalies.ts';
import { cost } from './cost.ts';
import { errors } from './errors.ts';
import { askLessons } from './lessons.ts';
import type { Question } from './question.ts';
import { trend } from './trend.ts';
import { why } from './why.ts';

/** All that `npm run memory -- ask` can be asked. */
export const questions: readonly Question[] = [cost, errors, trend, why, askLessons, askAnomalies];
