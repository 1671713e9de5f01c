import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { diskNeedsMib, stack } from '../stack.ts';
import { binaries, type NativeComponent } from './binaries.ts';
import { publish } from './cache.ts';
import { freeMib } from './disk.ts';

/** What a build is doing, for a person who waits minutes for it. */
export type Progress = (step: 'generate' | 'download' | 'compile' | 'link', detail: string) => void;

/**
 * Builds a component from its pinned Go module and publishes it to the cache. The caller holds the component's lock.
 * An interrupted build leaves nothing but a staging folder, which the next build removes.
 */
export async function build(
  component: NativeComponent,
  options: { cache: string; folder: string; go: string; progress: Progress; signal?: AbortSignal },
): Promise<void> {
  const staging = stagingFolder(options.cache, component);
  needDisk(component, staging);
  const source = join(staging, 'source');
  const output = join(staging, 'output');
  mkdirSync(output);
  cpSync(join(import.meta.dirname, component), source, { recursive: true });
  const go = (args: string[]) => runGo(component, options, args, source);
  try {
    if (component === 'collector') {
      options.progress('generate', 'builder.yaml');
      // The builder writes the Go sources; the modules stay the pinned ones.
      await go(['tool', 'builder', '--config', 'builder.yaml', '--skip-get-modules', '--skip-compilation']);
      for (const name of readdirSync(join(source, '_build')))
        renameSync(join(source, '_build', name), join(source, name));
    }
    options.progress('compile', `for ${process.platform} ${process.arch}`);
    const programs = Object.entries(binaries[component].programs);
    // One program is named here; of several, each takes its package's name.
    const target = programs.length === 1 ? join(output, programs[0]?.[0] as string) : `${output}/`;
    await go(['build', '-v', ...buildFlags(component), '-o', target, ...programs.map(([, pkg]) => pkg)]);
    await publish(output, options.folder, component);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Removes what killed builds of this component left, and makes a fresh folder. */
function stagingFolder(cache: string, component: NativeComponent): string {
  const parent = join(cache, 'staging');
  mkdirSync(parent, { recursive: true });
  mkdirSync(join(cache, 'bin'), { recursive: true });
  for (const name of readdirSync(parent))
    if (name.startsWith(`${component}-`)) rmSync(join(parent, name), { recursive: true, force: true });
  return mkdtempSync(join(parent, `${component}-`));
}

function needDisk(component: NativeComponent, folder: string): void {
  const free = freeMib(folder);
  if (free >= diskNeedsMib.build) return;
  rmSync(folder, { recursive: true, force: true });
  throw new Error(
    `Cannot build ${stack[component].title}: ${folder} has ${free} MiB free, a build needs ${diskNeedsMib.build} MiB. Free space, or move the cache: FLEETSCOPE_CACHE=/path.`,
  );
}

function buildFlags(component: NativeComponent): string[] {
  const { tags, versionVariable } = binaries[component];
  const version = versionVariable ? ` -X ${versionVariable}=${stack[component].native.release}` : '';
  return ['-trimpath', '-buildvcs=false', ...(tags ? ['-tags', tags] : []), '-ldflags', `-s -w${version}`];
}

/** Static (CGO_ENABLED=0), so that the same binary also runs in an image made `FROM scratch`. */
async function runGo(
  component: NativeComponent,
  options: { go: string; progress: Progress; signal?: AbortSignal },
  args: string[],
  cwd: string,
): Promise<void> {
  const child = execa(options.go, args, {
    cwd,
    env: { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
    stdin: 'ignore',
    buffer: false,
    reject: false,
    ...(options.signal ? { cancelSignal: options.signal } : {}),
  });
  const tail: string[] = [];
  let compiled = 0;
  for await (const line of child.iterable({ from: 'stderr' })) {
    const module = /^go: downloading (\S+)/.exec(line)?.[1];
    if (module) options.progress('download', module);
    else if (/^[\w.-]+(\/[\w.-]+)*$/.test(line)) options.progress('compile', `${++compiled} packages`);
    else tail.push(line);
    if (tail.length > 20) tail.shift();
  }
  const { failed, isCanceled, exitCode } = await child;
  options.signal?.throwIfAborted();
  if (!failed && !isCanceled) return;
  const why = tail.join('\n');
  throw new Error(
    `Cannot build ${stack[component].title}: "go ${args[0]}" ended with ${exitCode}.\n${why}\n${remedy(why)}`,
  );
}

function remedy(why: string): string {
  if (/no space left/.test(why)) return 'The disk is full. Free space, or move the cache: FLEETSCOPE_CACHE=/path.';
  if (/dial tcp|no such host|i\/o timeout|proxyconnect/.test(why))
    return 'The Go module proxy was not reached. Check the network and GOPROXY, then run the command again.';
  return 'Run the command again; if it fails the same way, please report it with these lines.';
}

/** The Go version that the pins ask for. */
export function neededGo(): string {
  return /^go (\S+)$/m.exec(readFileSync(join(import.meta.dirname, 'prometheus', 'go.mod'), 'utf8'))?.[1] ?? '';
}
