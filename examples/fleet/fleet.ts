import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type FleetControl, fleetControl, MessageBus } from '@fleetscope/instrumentation';
import { writeCode } from './agents/code.ts';
import { type Crew, employ } from './agents/crew.ts';
import type { CodeJob, Finding, Job, NoteJob, Piece, ResearchJob, ReviewJob, Verdict } from './agents/jobs.ts';
import { keepBeating } from './agents/keep-beating.ts';
import { review } from './agents/qa.ts';
import { research } from './agents/research.ts';
import { keepBacklog } from './backlog.ts';
import { Counts } from './counts.ts';
import { FleetFaults } from './fleet-faults.ts';
import { Memory } from './memory/memory.ts';
import { type ModelSettings, type Models, openModels } from './models/ask.ts';
import { Docs } from './tools/docs.ts';
import { Github } from './tools/github.ts';
import { Workspace } from './tools/workspace.ts';

export interface Settings {
  seed: number;
  /** How many times faster people are, and whatever else is waited for; `Infinity` waits for nothing. */
  speed: number;
  models: ModelSettings;
  githubUrl: string;
  docsUrl: string;
  /** What tokens of commands are signed with. */
  tokenSecret: string;
  /** Longest that code of an agent may run, in ms; `soak` where it would run for ever if it could. */
  executionMs: { usual: number; soak: number };
}

/** What the agents work with. */
export interface Fleet {
  readonly settings: Settings;
  readonly counts: Counts;
  readonly faults: FleetFaults;
  /** What it is told from outside: to pause, to do with less, to keep away from something. */
  readonly control: FleetControl;
  readonly bus: MessageBus<Job>;
  readonly crews: Crews;
  readonly models: Models;
  readonly memory: Memory;
  readonly workspace: Workspace;
  readonly github: Github;
  readonly docs: Docs;
  /** Aborted when work that is under way shall end. */
  readonly stopping: AbortSignal;
  /** Waits, at the fleet's speed. @throws AbortError when the fleet stops. */
  pause(ms: number): Promise<void>;
  /** Calls off what is under way. */
  stop(): void;
  /** Gives everything back; for when nothing is under way any more. */
  close(): void;
}

export interface Crews {
  research: Crew<ResearchJob | NoteJob, Finding>;
  code: Crew<CodeJob, Piece>;
  qa: Crew<ReviewJob, Verdict>;
}

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
