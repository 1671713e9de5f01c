/** compose.yml as its own Compose project: own name, own ports, so that a stack in use on the same engine is left alone. */
import { devNull } from 'node:os';
import { join } from 'node:path';
import { docker } from './docker.ts';

const repository = join(import.meta.dirname, '..', '..');

/** The part of `docker inspect` that the promises are about. */
export interface Container {
  Name: string;
  State: { Status: string; ExitCode: number; Health?: { Status: string } };
  Config: { User: string; Entrypoint: string[]; Env: string[]; Labels: Record<string, string> };
  HostConfig: {
    ReadonlyRootfs: boolean;
    CapAdd: string[] | null;
    CapDrop: string[] | null;
    SecurityOpt: string[] | null;
    Memory: number;
    Privileged: boolean;
    NetworkMode: string;
  };
  Mounts: { Type: string; Name?: string; RW: boolean; Destination: string }[];
  NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> };
}

export interface ProjectOptions {
  name: string;
  /** The docker client's environment, with the FLEETSCOPE_* variables that compose.yml reads. */
  env: NodeJS.ProcessEnv;
  /** Compose files read after compose.yml. */
  overrides: string[];
  /** The services to start; the others' images are not to be had. */
  services: string[];
}

export class Project {
  readonly name: string;
  readonly services: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  readonly #options: string[];

  constructor({ name, env, overrides, services }: ProjectOptions) {
    this.name = name;
    this.services = services;
    this.#env = env;
    const files = [join(repository, 'compose.yml'), ...overrides].flatMap((file) => ['--file', file]);
    // No `.env`: the user's settings are not ours.
    this.#options = ['--progress', 'quiet', '--env-file', devNull, '--project-name', name, ...files];
  }

  /** Runs `docker compose …` on the project; `settings` are variables of compose.yml for this call. */
  compose(settings: Record<string, string>, ...args: string[]): Promise<string> {
    const env = { ...this.#env, ...settings };
    return docker(['compose', ...this.#options, ...args], { env });
  }

  /** In which "docker compose" finds this project by itself, as the commands of this repository ask it. */
  get env(): NodeJS.ProcessEnv {
    return { ...this.#env, COMPOSE_PROJECT_NAME: this.name, COMPOSE_DISABLE_ENV_FILE: '1' };
  }

  /** Answers when everything is healthy. @throws Error with every state, and the last words of those that are not. */
  async up(): Promise<void> {
    try {
      await this.compose({}, 'up', '--detach', '--wait', '--wait-timeout', '180', ...this.services);
    } catch (cause) {
      const states = await this.compose({}, 'ps', '--all');
      const ill = [...(await this.containers())].filter(([, { State }]) => !isWell(State)).map(([service]) => service);
      const words = ill.length > 0 ? await this.compose({}, 'logs', '--tail', '12', ...ill) : '';
      throw new Error(`${(cause as Error).message}\n${states}\n${words}`, { cause });
    }
  }

  /** Removes everything that carries the project's name. */
  get removal(): { docker: string[]; env: NodeJS.ProcessEnv } {
    const args = ['down', '--volumes', '--remove-orphans', '--timeout', '5'];
    return { docker: ['compose', ...this.#options, ...args], env: this.#env };
  }

  /** Every container by its service. */
  async containers(): Promise<Map<string, Container>> {
    const ids = await this.#list('container', '--all');
    if (ids.length === 0) return new Map();
    const found = JSON.parse(await docker(['container', 'inspect', ...ids], { env: this.#env })) as Container[];
    return new Map(found.map((one) => [one.Config.Labels['com.docker.compose.service'] ?? one.Name, one]));
  }

  /** What carries the project's name on the engine, as `container 1b2…`, `volume …`, `network …`. */
  async traces(): Promise<string[]> {
    const kinds = { container: ['--all'], volume: [], network: [] };
    const found = await Promise.all(
      Object.entries(kinds).map(async ([kind, args]) =>
        (await this.#list(kind, ...args)).map((name) => `${kind} ${name}`),
      ),
    );
    return found.flat();
  }

  async #list(kind: string, ...args: string[]): Promise<string[]> {
    const filter = `label=com.docker.compose.project=${this.name}`;
    const listed = await docker([kind, 'ls', '--quiet', ...args, '--filter', filter], { env: this.#env });
    return listed.split('\n').filter(Boolean);
  }
}

function isWell({ Status, ExitCode, Health }: Container['State']): boolean {
  return Health ? Health.Status === 'healthy' : Status === 'running' || (Status === 'exited' && ExitCode === 0);
}
