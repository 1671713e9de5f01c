import { recordTestCoverage } from '@fleetscope/instrumentation';
import type { Fleet } from '../fleet.ts';
import { carefulModel } from '../models/roster.ts';
import { withSkill } from '../security/skills.ts';
import { check, codeRules, findingRules, judge } from './gates.ts';
import type { ReviewJob, Verdict } from './jobs.ts';

const leastCoverage = 75;

/** Holds what was made to the gates, has a model review it, and says whether it is good enough. */
export async function review(fleet: Fleet, job: ReviewJob): Promise<Verdict> {
  const { counts, models, workspace } = fleet;
  const { request, findings, pieces, chance } = job;
  const texts = await withSkill(fleet, { agent: 'QA', skill: 'read_file', number: request.number, chance }, () =>
    Promise.all(pieces.map(({ file }) => workspace.read(file))),
  );
  const summaries = findings.map(({ summary, sources }) => [summary, ...sources.map(({ url }) => url)].join('\n'));
  const blocking = [
    ...texts.flatMap((text) => check(fleet, codeRules, text)),
    ...summaries.flatMap((text) => check(fleet, findingRules, text)),
  ];

  const careful = request.kind === 'release' ? carefulModel : undefined;
  const { verdict, issues, coverage } = await models.ask('review', promptOf(job, [...texts, ...summaries]), careful);
  const serious = issues.filter(({ severity }) => severity !== 'minor').map(({ message }) => message);
  const rejected = verdict === 'reject' && serious.length > 0;
  judge(counts, { type: 'review', severity: 'blocking' }, rejected ? serious.join(' ') : undefined);
  if (texts.length > 0) {
    recordTestCoverage(coverage / 100, { module: request.kind, project: 'typescript' });
    const low = coverage < leastCoverage ? `${coverage} % of the lines are tested` : undefined;
    judge(counts, { type: 'coverage', severity: 'warning' }, low);
  }
  return { approved: blocking.length === 0 && !rejected, issues: [...blocking, ...serious] };
}

function promptOf({ title, retries }: ReviewJob, texts: readonly string[]): string {
  return [`${title}. Attempt ${retries + 1}.`, ...texts].join('\n\n');
}
