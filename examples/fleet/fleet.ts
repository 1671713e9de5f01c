import type { FleetControl, MessageBus } from '@fleetscope/instrumentation';
import type { CodeJob, Finding, Job, NoteJob, Piece, ResearchJob, ReviewJob, Verdict } from './agents/jobs.ts';
import type { Counts } from './counts.ts';
import type { FleetFaults } from './fleet-faults.ts';
import type { Memory } from './memory/memory.ts';
import type { ModelSettings, Models } from './models/ask.ts';
import type { Docs } from './tools/docs.ts';
import type { Github } from './tools/github.ts';
import type { Workspace } from './tools/workspace.ts';

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

/** An agent that takes jobs from the bus. */
export interface Crew<J extends Job, R> {
  /** Hands a job over and waits for what comes of it. */
  send(job: J): Promise<R>;
  waiting(): number;
}
