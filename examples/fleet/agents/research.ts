import type { Fleet } from '../fleet.ts';
import { withSkill } from '../security/skills.ts';
import { choose } from './choose.ts';
import type { Finding, NoteJob, ResearchJob } from './jobs.ts';
import { recall, remember } from './recollection.ts';

const noteMs = 300;

/** Looks a question up in the documentation, or in the memory where that must be left alone, and sums it up; or keeps a note. */
export async function research(fleet: Fleet, job: ResearchJob | NoteJob): Promise<Finding> {
  if (job.type === 'note') {
    await fleet.pause(noteMs);
    await remember(fleet, 'Research', job.text);
    return { summary: job.text, sources: [] };
  }
  const { title, request, retries } = job;
  const depth = await choose(fleet, {
    name: 'how_deep',
    about: `How thoroughly must this be answered: ${title}? Attempt ${retries + 1}.`,
    options: ['one page', 'several pages'],
  });
  const read = fleet.control.isOpen('search_docs')
    ? await recall(fleet, request.subject)
    : await lookUp(fleet, job, depth === 'one page' ? 1 : 2);
  return fleet.models.ask('research', `${title}\n${read.join('\n')}`);
}

/** What the documentation says, page by page. */
async function lookUp(fleet: Fleet, { request, chance }: ResearchJob, most: number): Promise<string[]> {
  const pages = await withSkill(
    fleet,
    { agent: 'Research', skill: 'search_docs', number: request.number, chance },
    async () => {
      const paths = await fleet.docs.search(request.subject);
      return Promise.all(paths.slice(0, most).map((path) => fleet.docs.read(path)));
    },
  );
  return pages.map(({ title, text }) => `${title}: ${text}`);
}
