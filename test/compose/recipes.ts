import type { NativeComponent } from '../../native/binaries.ts';
import { compose } from '../../place.ts';
import type { OwnImage } from '../../stack.ts';
import type { Entry } from './layer.ts';

/** What compose.yml relies on in an image, as upstream's has it. */
export interface Recipe {
  entrypoint: string;
  /** What stands behind it in the image's entrypoint. */
  args?: string[];
  user: string;
  /** Folders that the user owns. */
  owned: Record<string, number>;
  /** Upstream's `VOLUME`: a container that mounts nothing there gets an anonymous volume. */
  volume?: string;
  /** True where upstream builds on busybox: `sh`, and `wget` for the health check. */
  shell: boolean;
}

const nobody = 65534;
const service = 10001;
const escalation = 10002;
const monitor = 10003;

/** As each project's own image has it; where the real images are used, a test compares entrypoint and user. */
export const recipes: Record<NativeComponent | OwnImage, Recipe> = {
  // By its group it reads the token that the ledger knows it by.
  collector: { entrypoint: '/otelcol-contrib', user: `${service}:${service}`, owned: {}, shell: false },
  tempo: { entrypoint: '/tempo', user: `${service}`, owned: {}, shell: false },
  loki: { entrypoint: '/usr/bin/loki', user: `${service}`, owned: { [compose.data('loki')]: service }, shell: false },
  prometheus: {
    entrypoint: '/bin/prometheus',
    user: 'nobody',
    owned: { [compose.data('prometheus')]: nobody },
    volume: compose.data('prometheus'),
    shell: true,
  },
  alertmanager: {
    entrypoint: '/bin/alertmanager',
    user: 'nobody',
    owned: { [compose.data('alertmanager')]: nobody },
    volume: compose.data('alertmanager'),
    shell: true,
  },
  // Ours, as service/Dockerfile says it.
  escalation: {
    entrypoint: 'node',
    args: ['--enable-source-maps', '--import', '@fleetscope/instrumentation/register', 'main.js'],
    user: `${escalation}`,
    owned: { [compose.data('escalation')]: escalation },
    shell: false,
  },
  monitor: {
    entrypoint: 'node',
    args: ['--enable-source-maps', '--import', '@fleetscope/instrumentation/register', 'main.js'],
    user: `${monitor}`,
    owned: { [compose.data('monitor')]: monitor },
    shell: false,
  },
};

/** Where a built image keeps busybox. */
export const busyboxPath = '/bin/busybox';

/** Of busybox's many commands, those that compose.yml names. */
const commands = ['sh', 'wget', 'chown', 'sleep', 'head', 'base64', 'mv', 'rm'];

/** The image's files: the program, its folders, and busybox if it has a shell or is asked for. */
export function entriesOf(recipe: Recipe, programs: { server: string; busybox?: string }): Entry[] {
  const { busybox } = programs;
  return [
    { path: '/etc/passwd', text: `root:x:0:0:root:/:/bin/sh\nnobody:x:${nobody}:${nobody}:nobody:/:/bin/false\n` },
    { path: '/etc/group', text: `root:x:0:\nnobody:x:${nobody}:\n` },
    { path: recipe.entrypoint, program: programs.server },
    ...(busybox ? [{ path: busyboxPath, program: busybox }] : []),
    ...(recipe.shell ? commands.map((name) => ({ path: `/bin/${name}`, linkTo: busyboxPath })) : []),
    ...Object.entries(recipe.owned).map(([path, owner]) => ({ path, folder: { owner } })),
  ];
}

/** The `docker import --change` lines: a Dockerfile's own words. */
export function changesOf(recipe: Recipe): string[] {
  return [
    `ENTRYPOINT ${JSON.stringify([recipe.entrypoint, ...(recipe.args ?? [])])}`,
    `USER ${recipe.user}`,
    ...(recipe.volume ? [`VOLUME ["${recipe.volume}"]`] : []),
  ];
}
