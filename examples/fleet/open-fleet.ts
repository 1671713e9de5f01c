import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fleetControl, MessageBus } from '@fleetscope/instrumentation';
import { writeCode } from './agents/code.ts';
import { employ } from './agents/crew.ts';
import type { Job } from './agents/jobs.ts';
import { keepBeating } from './agents/keep-beating.ts';
import { review } from './agents/qa.ts';
import { research } from './agents/research.ts';
import { keepBacklog } from './backlog.ts';
import { Counts } from './counts.ts';
import type { Crews, Fleet, Settings } from './fleet.ts';
import { FleetFaults } from './fleet-faults.ts';
import { Memory } from './memory/memory.ts';
import { openModels } from './models/ask.ts';
import { Docs } from './tools/docs.ts';
import { Github } from './tools/github.ts';
import { Workspace } from './tools/workspace.ts';

/** Requests at once, unless somebody orders otherwise. */
const atOnce = 250;

/** A fleet that is ready to work. */
export async function openFleet(settings: Settings): Promise<Fleet> {
  const counts = new Counts();
  const control = fleetControl({ capacity: atOnce });
  const stop = new AbortController();
  const stopping = stop.signal;
  // As many as there is work under way.
  setMaxListeners(0, stopping);
  const pause = (ms: number) => delay(ms / settings.speed, undefined, { signal: stopping });
  const models = openModels(settings.models, { counts, control, signal: stopping, pause });
  const workspace = new Workspace(counts);
  const memory = new Memory(join(workspace.folder, 'memory.sqlite'), { counts, embed: models.embed });
  const bus = new MessageBus<Job>();
  const fleet: Fleet = {
    ...{ settings, counts, control, models, workspace, memory, bus, stopping, pause },
    faults: new FleetFaults(),
    github: new Github(settings.githubUrl, counts, stopping),
    docs: new Docs(settings.docsUrl, counts, stopping),
    get crews() {
      return crews;
    },
    stop: () => stop.abort(),
    close() {
      stop.abort();
      control.close();
      bus.close();
      memory.close();
      workspace.delete();
    },
  };
  const crews: Crews = {
    research: employ(fleet, { name: 'Research', atOnce: 2, work: research }),
    code: employ(fleet, { name: 'Code', atOnce: 3, work: writeCode }),
    qa: employ(fleet, { name: 'QA', atOnce: 2, work: review }),
  };
  for (const name of ['Director', 'Approver']) keepBeating(fleet, name);
  keepBacklog(fleet);
  await memory.open();
  return fleet;
}
