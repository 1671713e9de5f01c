/**
 * `npm run build`: src → dist. CommonJS bundles hold the code and its state; the ES modules are thin wrappers over them,
 * so a host that imports here and requires there has one copy. The same sources give the same bytes.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { type OutputChunk, type Plugin, type PluginContext, rolldown } from 'rolldown';

const home = import.meta.dirname;
const src = join(home, 'src');
const dist = join(home, 'dist');

/** What a program can import, by the name of its file in dist. */
const entries: Record<string, string> = { fleet: 'fleet.ts', catalog: 'catalog/catalog.ts', testing: 'testing-kit.ts' };

/**
 * Bundled each alone, so that it shares no file and draws nothing into those that the host's thread reads at its start.
 * The first two have to load on a Node that cannot even read the others.
 */
const apart = {
  register: 'src/register.cts',
  'node-version': 'src/node-version.cts',
  sender: 'src/sender.ts',
  'opentelemetry-winston-transport': '@opentelemetry/winston-transport',
};

/** Stays a package: what is shared with the host, and what loads files of its own by their place. */
const external = [/^node:/, '@opentelemetry/api', /^import-in-the-middle(\/|$)/];

/** Builds beside `dist` and swaps at the end: a build that fails or is stopped leaves the old one. */
export async function build(): Promise<void> {
  // Where nobody looks, should this process be killed.
  const stage = join(home, 'node_modules', `.dist-${process.pid}`);
  mkdirSync(stage, { recursive: true });
  try {
    await declareTypes(stage);
    const chunks = await bundle(stage);
    for (const { name, fileName, exports } of chunks.filter(({ name }) => name in entries)) {
      const text = `import bundle from './${fileName}';\nexport const { ${exports.toSorted().join(', ')} } = bundle;\n`;
      writeFileSync(join(stage, `${name}.js`), text);
    }
    writeFileSync(join(stage, 'THIRD_PARTY_LICENSES'), licenses(chunks));
    swap(stage);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Whether a source, or what builds it, is newer than what was built. */
function isStale(): boolean {
  const built = statSync(join(dist, 'register.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => !/\.test\.ts$/.test(path));
  const inputs = ['build.ts', 'tsconfig.json', '../package-lock.json', 'src', ...sources.map((path) => `src/${path}`)];
  return inputs.some((path) => (statSync(join(home, path), { throwIfNoEntry: false })?.mtimeMs ?? 0) > built);
}

async function bundle(stage: string): Promise<OutputChunk[]> {
  const chunks = await Promise.all([
    write(
      stage,
      'cjs',
      Object.fromEntries([
        ['boot', 'src/boot.ts'],
        ...Object.entries(entries).map(([name, file]) => [name, `src/${file}`]),
      ]),
    ),
    ...Object.entries(apart).map(([name, file]) => write(stage, 'cjs', { [name]: file })),
    write(stage, 'es', { register: 'src/register.ts' }),
  ]);
  return chunks.flat();
}

async function write(dir: string, format: 'cjs' | 'es', input: Record<string, string>): Promise<OutputChunk[]> {
  const files = `[name].${format === 'cjs' ? 'cjs' : 'js'}`;
  const build = await rolldown({
    cwd: home,
    input,
    platform: 'node',
    external,
    plugins: format === 'cjs' ? [requires('boot' in input)] : [],
    // Said of a build on a busy machine, and wrong of nothing.
    checks: { bundlerTimings: false },
    onLog(level, log) {
      if (level === 'warn') throw new Error(`Cannot bundle: ${log.message}`);
    },
  });
  const { output } = await build.write({
    dir,
    format,
    entryFileNames: files,
    chunkFileNames: files,
    esModule: false,
    comments: false,
    codeSplitting: { groups: [{ name: 'shared', test: /node_modules/, minShareCount: 2 }] },
  });
  await build.close();
  return output.filter((file) => file.type === 'chunk');
}

/**
 * What `createRequire` requires is bundled too. What of ours is required rather than imported, and with `split` each
 * package of OpenTelemetry, becomes a file of its own, read when that line runs: a host without express never reads that
 * instrumentation. Those packages are taken in their ES build however they are asked for: one copy, less what nobody uses.
 */
const requires = (split: boolean): Plugin => ({
  name: 'requires',
  transform(code, id) {
    if (/@opentelemetry.*\.mjs$/.test(id)) return code.replaceAll('__require("', 'require("');
    if (!id.startsWith(src + sep)) return undefined;
    return code
      .replace(/^const require = createRequire\(import\.meta\.url\);$/m, '')
      .replaceAll('createRequire(import.meta.url)(', 'require(')
      .replaceAll(
        /new URL\('\.{1,2}\/(?:.*\/)?([\w-]+)\.js', import\.meta\.url\)/g,
        `new URL('./$1.cjs', import.meta.url)`,
      );
  },
  async resolveId(name, importer = '', { kind }) {
    if (kind !== 'require-call') return undefined;
    if (name.startsWith('.') && importer.startsWith(src + sep)) {
      const file = join(dirname(importer), name).replace(/js$/, 'ts');
      return ownFile(this, flat(relative(src, file).replace(/\.c?ts$/, '')), file);
    }
    if (!name.startsWith('@opentelemetry/') || name === '@opentelemetry/api') return undefined;
    const found = await this.resolve(name, importer, { kind: 'import-statement', skipSelf: true });
    return found && split ? ownFile(this, flat(name), found.id) : found;
  },
});

function ownFile(context: PluginContext, name: string, id: string) {
  if (name !== 'boot' && !(name in apart)) context.emitFile({ type: 'chunk', name, id, fileName: `${name}.cjs` });
  return { id: `./${name}.cjs`, external: true };
}

/** `@opentelemetry/core` → `opentelemetry-core`: dist is flat, so that what looks beside itself finds it. */
function flat(path: string): string {
  return path.replace('@', '').replaceAll(/[\\/]/g, '-');
}

/** Types twice: those for `require` lie in a folder that says it is CommonJS. */
async function declareTypes(stage: string): Promise<void> {
  const compiler = join(home, '../node_modules/typescript/bin/tsc');
  const types = join(stage, 'types');
  try {
    await promisify(execFile)(process.execPath, [compiler, '--project', home, '--outDir', types]);
  } catch (error) {
    throw new Error(`Cannot declare the types: ${(error as { stdout?: string }).stdout}`, { cause: error });
  }
  cpSync(types, join(stage, 'types-cjs'), { recursive: true });
  writeFileSync(join(stage, 'types-cjs/package.json'), '{ "type": "commonjs" }\n');
}

/** Each text once, under the names of the packages it is for. */
function licenses(chunks: OutputChunk[]): string {
  const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;
  const folders = new Set(chunks.flatMap(({ moduleIds }) => moduleIds.flatMap((id) => folder.exec(id)?.[0] ?? [])));
  const holders = new Map<string, string[]>();
  for (const path of [...folders].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(path, file), 'utf8').trim() : `Licence: ${license}`;
    holders.set(text, [...(holders.get(text) ?? []), `${name} ${version}`]);
  }
  const parts = [...holders].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  return `The files beside this one contain code of the packages below.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

// Several test runs may build at once: whoever comes last stays.
function swap(stage: string): void {
  const old = `${stage}-old`;
  for (let attempt = 1; ; attempt++) {
    try {
      if (existsSync(dist)) renameSync(dist, old);
      renameSync(stage, dist);
      break;
    } catch (error) {
      if (attempt === 10) throw error;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
}

if (import.meta.main && !(process.argv.includes('--if-stale') && !isStale())) {
  await build().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
