import { agent, delegate, log, session, task } from '@fleetscope/instrumentation';
import { isCancelled } from '../counts.ts';
import type { Crew, Fleet } from '../fleet.ts';
import { Random } from '../model-server/random.ts';
import packageFile from '../package.json' with { type: 'json' };
import type { Request } from '../requests.ts';
import { withSkill } from '../security/skills.ts';
import { askApproval } from './approver.ts';
import type { Finding, Job, Piece, Verdict } from './jobs.ts';
import { makePlan, type Plan } from './plan.ts';
import { remember } from './recollection.ts';

/** What came of a request. */
export interface Delivery {
  findings: Finding[];
  pieces: Piece[];
  /** Id of the commit; undefined for an answer without code. */
  commit: string | undefined;
}

/** A person said no. */
export class NotApproved extends Error {
  // By this name the fleet's calls know that it was called off, and did not fail.
  override name = 'AbortError';
}

const mostReviews = 3;
const mostTries = 2;

/** Plans a request with the model, hands the tasks out over the bus, has the result reviewed, and publishes it. */
export function direct(fleet: Fleet, request: Request): Promise<Delivery> {
  const { counts, settings } = fleet;
  const chance = new Random(settings.seed, request.number);
  const run = agent({ name: 'Director', action: request.kind, version: packageFile.version }, async () => {
    const planning = task({ type: 'plan' }, () => makePlan(fleet, request));
    const plan = await counts.of('tasks', 'Director plan', planning);
    console.info(`Planned ${request.subject}: ${plan.research.length} to research, ${plan.code.length} to write`);
    const made = await carryOut(fleet, request, plan, chance);
    if (plan.askFirst || !made.approved) await needApproval(fleet, request, chance);
    const publishing = task({ type: 'publish' }, () => publish(fleet, request, made.pieces, chance));
    const commit = await counts.of('tasks', 'Director publish', publishing);
    return { findings: made.findings, pieces: made.pieces, commit };
  });
  return counts.of('agents', 'Director', run);
}

/** Research, then code with what was found, then review; again with what the review found, until it approves. */
function carryOut({ crews, counts }: Fleet, request: Request, plan: Plan, chance: Random) {
  const work = session({ type: 'collaboration' }, async ({ joined }) => {
    const of = (title: string) => ({
      title,
      request,
      retries: 0,
      chance: new Random(request.number, chance.whole(0, 1e9)),
    });

    /** One that fails is tried again by another run of the agent. */
    async function handOut<J extends Job, R>(to: string, crew: Crew<J, R>, job: J): Promise<R> {
      joined();
      for (let failures = 0; ; failures += 1) {
        try {
          const sent = delegate({ to }, () => crew.send({ ...job, retries: job.retries + failures }));
          return await counts.of('delegations', to, sent);
        } catch (error) {
          if (isCancelled(error) || failures + 1 >= mostTries) throw error;
          log.warn(`${to} failed`, { component: to, command: job.type, error, recoveryAction: 'handed out once more' });
        }
      }
    }

    const findings = await Promise.all(
      plan.research.map((title) => handOut('Research', crews.research, { ...of(title), type: 'research' })),
    );
    let pieces: Piece[] = [];
    let verdict: Verdict = { approved: false, issues: [] };
    for (let round = 0; round < mostReviews && !verdict.approved; round += 1) {
      const again = { retries: round, issues: verdict.issues, findings };
      pieces = await Promise.all(
        plan.code.map((title) => handOut('Code', crews.code, { ...of(title), ...again, type: 'code' })),
      );
      verdict = await handOut('QA', crews.qa, { ...of(plan.review), ...again, pieces, type: 'review' });
    }
    return { findings, pieces, approved: verdict.approved };
  });
  return counts.of('sessions', 'collaboration', work);
}

/** Asks a person. @throws NotApproved */
async function needApproval(fleet: Fleet, { kind, subject, number }: Request, chance: Random): Promise<void> {
  const asked = { kind: kind === 'release' ? 'deploy' : 'merge', subject, chance, away: number % 24 === 4 } as const;
  if (!(await askApproval(fleet, asked))) throw new NotApproved(`"${subject}" was not approved.`);
}

/** Commits what was written, and remembers what was done. @returns the commit's id. */
async function publish(fleet: Fleet, request: Request, pieces: readonly Piece[], chance: Random) {
  const { workspace, github } = fleet;
  const { repository, subject, kind } = request;
  await remember(fleet, 'Director', `${kind}: ${subject}, in ${pieces.length} files`);
  if (pieces.length === 0) return undefined;
  const skill = kind === 'release' ? 'deploy' : 'commit';
  return withSkill(fleet, { agent: 'Director', skill, number: request.number, chance }, async () => {
    const texts = await Promise.all(pieces.map(({ file }) => workspace.read(file)));
    const files = Object.fromEntries(pieces.map(({ file }, at) => [file, texts[at] ?? '']));
    const commit = await github.commit(repository, subject, files);
    await Promise.all(pieces.map(({ file }) => workspace.remove(file)));
    return commit;
  });
}
