import { decision } from '@fleetscope/instrumentation';
import type { Fleet } from '../fleet.ts';
import type { Plan as ModelPlan } from '../model-server/answers.ts';
import type { Request } from '../requests.ts';
import { choose } from './choose.ts';
import { recall } from './recollection.ts';

/** What the Director means to do. */
export interface Plan {
  research: string[];
  code: string[];
  review: string;
  /** A person has to say yes before it is published. */
  askFirst: boolean;
}

const approaches = ['small steps', 'one piece', 'try out first'] as const;
const mostOfAKind = 2;

/** Makes a plan of a request: looks at the repository and at what was done before, decides how, and asks the model. */
export async function makePlan(fleet: Fleet, request: Request): Promise<Plan> {
  const { models, github, counts } = fleet;
  const { kind, subject, complexity, repository } = request;
  const { defaultBranch } = await github.repository(repository);
  const earlier = await recall(fleet, subject);

  // A decision with another one inside it: together they are the tree of the task.
  counts.add('decisions', 'approach');
  const approach = await decision({ name: 'approach', alternatives: approaches }, async (deciding) => {
    const risk = complexity === 'high' ? await choose(fleet, riskOf(subject)) : 'low';
    const about = `How to go about "${subject}"? The risk is ${risk}. Before: ${earlier.join('; ') || 'nothing like it'}.`;
    const answer = await models.ask('decision', `${about}\noptions: ${approaches.join(' | ')}`);
    const choice = approaches.find((one) => one === answer.choice) ?? 'small steps';
    return deciding.choose(choice, { reasoning: answer.reasoning, confidence: answer.confidence });
  });

  const asked = await models.ask(
    'plan',
    `${kind} for ${repository}@${defaultBranch}: ${subject}.\nApproach: ${approach}.`,
  );
  const askFirst = kind === 'release' || (complexity === 'high' && (await askAPerson(fleet, subject)));
  return completePlan(asked, request, askFirst);
}

/** What the model planned, made to fit the kind of request: a change has code, an answer has none, and all is reviewed. */
export function completePlan({ tasks }: ModelPlan, request: Request, askFirst: boolean): Plan {
  const { kind, subject } = request;
  const titles = (type: 'research' | 'code' | 'review') =>
    tasks.filter((task) => task.type === type).map(({ title }) => title);
  // What is asked for beyond the usual is one piece of work.
  const isSpecial = request.package !== undefined || request.model !== undefined || request.soak === true;
  const research = titles('research').slice(0, mostOfAKind);
  const code = titles('code').slice(0, isSpecial ? 1 : mostOfAKind);
  const [review = `Review ${subject}`] = titles('review');
  if (kind === 'question') {
    return { research: research.length > 0 ? research : [`Find out about ${subject}`], code: [], review, askFirst };
  }
  return { research, code: code.length > 0 ? code : [`Write ${subject}`], review, askFirst };
}

async function askAPerson(fleet: Fleet, subject: string): Promise<boolean> {
  const options = ['merge alone', 'ask a person'] as const;
  return (
    (await choose(fleet, { name: 'who_approves', about: `Who approves "${subject}"?`, options })) === 'ask a person'
  );
}

function riskOf(subject: string) {
  return { name: 'how_risky', about: `How risky is "${subject}"?`, options: ['low', 'medium', 'high'] } as const;
}
