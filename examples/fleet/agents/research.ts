import type { Fleet } from '../fleet.ts';
import { withSkill } from '../security/skills.ts';
import { choose } from './choose.ts';
import type { Finding, NoteJob, ResearchJob } from './jobs.ts';
import { remember } from './recollection.ts';

const noteMs = 300;

/** Looks a question up in the documentation and sums up what it says; or keeps a note. */
export async function research(fleet: Fleet, job: ResearchJob | NoteJob): Promise<Finding> {
  if (job.type === 'note') {
    await fleet.pause(noteMs);
    await remember(fleet, 'Research', job.text);
    return { summary: job.text, sources: [] };
  }
  const { title, request, chance, retries } = job;
  const depth = await choose(fleet, {
    name: 'how_deep',
    about: `How thoroughly must this be answered: ${title}? Attempt ${retries + 1}.`,
    options: ['one page', 'several pages'],
  });
  const pages = await withSkill(
    fleet,
    { agent: 'Research', skill: 'search_docs', number: request.number, chance },
    async () => {
      const paths = await fleet.docs.search(request.subject);
      return Promise.all(paths.slice(0, depth === 'one page' ? 1 : 2).map((path) => fleet.docs.read(path)));
    },
  );
  const read = pages.map(({ title, text }) => `${title}: ${text}`).join('\n');
  return fleet.models.ask('research', `${title}\n${read}`);
}
