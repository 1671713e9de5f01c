/** What `npm run memory` does beside answering: a day or a week made at once, a month as a page, sentences in other words. */
import { consolidate } from './consolidate.ts';
import { writeKnowledge } from './knowledge.ts';
import { rephrase } from './rephrase.ts';
import { report } from './report.ts';
import { snapshot } from './snapshot.ts';
import type { Task } from './task.ts';

export const tasks: readonly Task[] = [snapshot, consolidate, writeKnowledge, rephrase, report];
