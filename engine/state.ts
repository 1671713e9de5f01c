import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import * as v from 'valibot';
import { native, type Place, portSettings } from '../place.ts';
import { choices, components as componentNames, type Profile, profiles } from '../stack.ts';

const PidSchema = v.object({ pid: v.number(), bornAt: v.string() });

const ComponentState = v.object({
  phase: v.picklist(['waiting', 'starting', 'ready', 'restarting', 'stopping', 'stopped']),
  process: v.optional(PidSchema),
  restarts: v.number(),
  program: v.string(),
  version: v.string(),
  from: v.picklist(['PATH', 'cache', 'build', 'repository']),
});

const StateSchema = v.object({
  engine: v.picklist(['docker', 'native']),
  profile: v.picklist(Object.keys(profiles) as Profile[]),
  startedAt: v.string(),
  /** The port each setting got, so that `status` and `doctor` look where this stack really is. */
  ports: v.record(v.string(), v.number()),
  /** Who supervises; absent for Docker. */
  supervisor: v.optional(PidSchema),
  components: v.record(v.picklist([...componentNames, ...choices]), ComponentState),
  /** What was chosen beside ours. */
  chosen: v.optional(v.array(v.picklist(choices))),
});

/** What `up` writes down for `status`, `down`, `doctor` and the next `up`: `.fleetscope/state.json`. */
export type State = v.InferOutput<typeof StateSchema>;
export type Phase = v.InferOutput<typeof ComponentState>['phase'];
/** A process, told apart from a later one that got the same number. */
export type Pid = v.InferOutput<typeof PidSchema>;

/** The place of a stack that runs or ran, from what `up` wrote down. */
export function placeOf(state: Pick<State, 'profile' | 'ports' | 'chosen'>, home: string): Place {
  return native({
    home,
    profile: state.profile,
    portOf: (setting) => state.ports[setting] ?? (portSettings.get(setting)?.default as number),
    chosen: state.chosen ?? [],
  });
}

const path = (home: string) => join(home, 'state.json');

/** The last state written, or undefined where nothing ever ran. @throws Error when the file is not ours. */
export function readState(home: string): State | undefined {
  let text: string;
  try {
    text = readFileSync(path(home), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return v.parse(StateSchema, JSON.parse(text));
  } catch (cause) {
    throw new Error(
      `Cannot read ${path(home)}: it is not a state of this version. Stop what runs and remove the file.`,
      {
        cause,
      },
    );
  }
}

export function writeState(home: string, state: State): void {
  mkdirSync(home, { recursive: true });
  writeFileSync(`${path(home)}.new`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${path(home)}.new`, path(home));
}

/** Identifies a running process, or undefined when there is none of that number. */
export function identify(pid: number): Pid | undefined {
  const bornAt = bornAtOf(pid);
  return bornAt === undefined ? undefined : { pid, bornAt };
}

export function isAlive(process: Pid | undefined): boolean {
  return process !== undefined && bornAtOf(process.pid) === process.bornAt;
}

/** When a process began, in the system's own notation. */
function bornAtOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      // Field 22 is the start in clock ticks since boot; field 2 may hold spaces, so count from its closing bracket.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined; // No such process.
    }
  }
  const { stdout, failed } = execaSync('ps', ['-o', 'lstart=', '-p', String(pid)], { reject: false });
  return failed ? undefined : stdout.trim() || undefined;
}
