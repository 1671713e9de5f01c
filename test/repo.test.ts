/** The house rules that a machine can hold. Each failure names the file and what to do. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { repository, twins } from '../scripts/twins.ts';
import { components, parts, stack } from '../stack.ts';

const files = execaSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: repository })
  .stdout.split('\n')
  .filter((path) => existsSync(join(repository, path)));
const sources = files.filter((path) => /\.(ts|cts|mts|mjs)$/.test(path));
const texts = new Map<string, string>();
const read = (path: string) => {
  const text = texts.get(path) ?? readFileSync(join(repository, path), 'utf8');
  texts.set(path, text);
  return text;
};
const inRows = (rows: string[]) => rows.join('\n');

const all = await twins();

describe('house: twins', () => {
  test('every twin is current', () => {
    const stale = all.filter(({ target, text }) => !existsSync(target) || readFileSync(target, 'utf8') !== text);
    expect(
      stale.map(({ source }) => source),
      'run "npm run generate" and commit',
    ).toEqual([]);
  });

  test('no generated file is orphaned', () => {
    const targets = new Set(all.map(({ target }) => target));
    const documents = files.filter((path) => /\.(ya?ml|json|md)$/.test(path));
    const generated = documents.filter((path) =>
      /\.(ya?ml|json)$/.test(path)
        ? /Generated from \S+\.ts\b/.test(read(path))
        : /^<!-- Generated from /.test(read(path)),
    );
    expect(generated.filter((path) => !targets.has(join(repository, path)))).toEqual([]);
    expect(generated.length).toBe(all.length);
  });
});

describe('house: facts stand in stack.ts alone', () => {
  const generated = new Set(all.map(({ target }) => target));
  const isTwin = (path: string) => generated.has(join(repository, path));
  // Tests may use what they like as data; documents show what a reader sees.
  const checked = files.filter(
    (path) =>
      /\.(ts|mjs|yml|yaml)$/.test(path) &&
      path !== 'stack.ts' &&
      !/\.test\.ts$/.test(path) &&
      !/^(test|bench|instrumentation|examples)\//.test(path) &&
      !isTwin(path),
  );

  test('no image', () => {
    const images = Object.values(parts).map(({ image }) => image.split(':')[0] as string);
    expect(inRows(checked.filter((path) => images.some((image) => read(path).includes(`${image}:`))))).toBe('');
  });

  test('no port', () => {
    const ports = components.flatMap((component) => Object.values(stack[component].ports));
    const port = new RegExp(`(?<![\\d.])(${ports.join('|')})(?![\\d.])`);
    const found = checked.flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, index) =>
          // 4317 in a comment or in a help text is an example, not a fact.
          port.test(line) && port.test(line.replace(/\/\/.*|\/?\*.*|e\.g\. \S+|'[^']*e\.g\.[^']*'/g, ''))
            ? [`${path}:${index + 1}: ${line.trim()}`]
            : [],
        ),
    );
    expect(inRows(found)).toBe('');
  });

  test('the Go modules are pinned to the versions of stack.ts', () => {
    for (const component of components) {
      const facts = stack[component];
      if (!('native' in facts)) continue;
      const { module, pin } = facts.native;
      expect(read(`native/${component}/go.mod`), `native/${component}/go.mod`).toContain(`${module} ${pin}`);
    }
  });
});

describe('house: data flows one way', () => {
  /** Who may import whom; a folder not named on the right is out of bounds. */
  const allowed: Record<string, string[]> = {
    '.': ['alertmanager', 'choices', 'collector', 'engine', 'grafana', 'monitor', 'prometheus'],
    collector: ['tempo'],
    // Stores that a team may have beside ours.
    choices: [],
    tempo: [],
    loki: [],
    prometheus: ['queries', 'doctor'],
    // What every service of ours is made of: below those that run as one, and knows none of them.
    service: [],
    alertmanager: ['service'],
    // What is remembered of metrics is asked in queries that are checked against the catalogue.
    monitor: ['service', 'queries'],
    queries: [],
    grafana: ['queries', 'prometheus', 'tempo', 'doctor'],
    // The Collector is built of what the configurations of every size name.
    native: ['collector', 'k8s'],
    doctor: [],
    engine: [
      'service',
      'choices',
      'collector',
      'tempo',
      'loki',
      'prometheus',
      'alertmanager',
      'monitor',
      'grafana',
      'native',
    ],
    k8s: ['choices', 'collector', 'tempo', 'loki', 'prometheus', 'alertmanager', 'monitor', 'grafana'],
    scripts: [
      'k8s',
      'backup',
      'alertmanager',
      'monitor',
      'engine',
      'doctor',
      'native',
      'prometheus',
      'grafana',
      'bench',
      'examples',
    ],
    instrumentation: [],
    docs: ['prometheus', 'grafana'],
    // It asks the stack that it restored, as the doctor does.
    backup: ['doctor', 'engine', 'native', 'prometheus', 'service'],
    // It measures what the others are, and starts their servers as the tests do.
    bench: ['alertmanager', 'collector', 'doctor', 'engine', 'grafana', 'k8s', 'monitor', 'prometheus', 'test'],
    examples: [],
  };
  const roots = ['package.json', 'stack.ts', 'place.ts', 'object-store.ts', 'mutual.ts', 'twin.ts'];
  /** The contract, and the shapes of secrets: what the whole house is written against. */
  const contract = /^instrumentation\/src\/(catalog|cost|redaction)\//;

  const importing =
    /\b(?:from\s+|import\s+|import\(\s*|require\(\s*|createRequire\([^()]*\)\(\s*)(['"`])(\.{1,2}\/[^'"`]+)\1/g;

  /**
   * As paths of the repository: of those that wait until they are needed, of types, of what is loaded for its effect, and of what
   * is required by its built name; of one that is chosen by name all that there are. Not seen is what is found by a list (scripts/twins.ts).
   */
  const importsIn = (text: string, path: string, known: readonly string[] = sources): string[] =>
    [...text.matchAll(importing)].flatMap(([, quote, to]) => {
      const target = posix.join(posix.dirname(path), to as string);
      if (target.includes('${')) {
        // In other quotes it is a line of a program that is being written.
        if (quote !== '`') return [];
        const name = target.replace(/\$\{[^}]*\}/g, '*');
        return known.filter((one) => posix.matchesGlob(one, name));
      }
      const source = target.replace(/\.([cm]?)js$/, '.$1ts');
      return [known.includes(source) ? source : target];
    });
  const importsOf = (path: string) => importsIn(read(path), path);

  test('every way to import is seen', () => {
    const text = [
      "import { a } from './a.ts';\nimport './b.ts';\nimport type { c } from \"../c.ts\";",
      "const d = await import(\n'./d.ts');\nrequire('./e.js') as typeof import('./e.ts');",
      "createRequire(import.meta.url)('./f.cjs');\nawait import(`./g/$" + '{name}.ts`);',
      "`import './$" + "{none}.ts';`",
      "new URL('./none.ts', import.meta.url); import 'none'; // imports './none.ts'",
    ].join('\n');
    const known = ['x/e.ts', 'x/f.cts', 'x/g/1.ts', 'x/g/2.ts', 'x/g/deep/none.ts'];
    const seen = ['x/a.ts', 'x/b.ts', 'c.ts', 'x/d.ts', 'x/e.ts', 'x/e.ts', 'x/f.cts', 'x/g/1.ts', 'x/g/2.ts'];
    expect(importsIn(text, 'x/x.ts', known).sort()).toEqual(seen.sort());
  });

  test('no import against the direction', () => {
    const wrong = sources
      .filter((path) => !/^test\//.test(path) && !/\.test\.ts$/.test(path) && path !== 'vitest.config.ts')
      .flatMap((path) => {
        const folder = path.includes('/') ? (path.split('/')[0] as string) : '.';
        return importsOf(path).flatMap((target) => {
          const targetFolder = target.includes('/') ? (target.split('/')[0] as string) : '.';
          if (targetFolder === folder || roots.includes(target) || contract.test(target)) return [];
          return allowed[folder]?.includes(targetFolder) ? [] : [`${path} imports ${target}`];
        });
      });
    expect(inRows(wrong)).toBe('');
  });

  /** Those that are left when whoever imports none of the rest is taken away, again and again. */
  const circling = (imports: ReadonlyMap<string, readonly string[]>): string[] => {
    const left = new Set(imports.keys());
    const isFree = (path: string) => !imports.get(path)?.some((target) => left.has(target));
    for (let free = [...left].filter(isFree); free.length > 0; free = [...left].filter(isFree))
      for (const path of free) left.delete(path);
    // What only leads into a circle is in none.
    return [...left].filter((path) => reaches(path, path, imports));
  };

  const reaches = (from: string, to: string, imports: ReadonlyMap<string, readonly string[]>): boolean => {
    const seen = new Set<string>();
    const next = [from];
    for (let at = next.pop(); at !== undefined; at = next.pop())
      for (const target of imports.get(at) ?? []) {
        if (target === to) return true;
        if (!seen.has(target)) next.push(target);
        seen.add(target);
      }
    return false;
  };

  test('no files that import each other in a circle', () => {
    const pair = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['b']],
      ['d', []],
    ]);
    expect(circling(pair)).toEqual(['b', 'c']);
    expect(circling(new Map(sources.map((path) => [path, importsOf(path)])))).toEqual([]);
  });
});

describe('house: files', () => {
  test('none has more than 400 lines', () => {
    const long = sources.filter((path) => read(path).split('\n').length > 400);
    expect(inRows(long), 'which two nouns live in it?').toBe('');
  });

  test('no barrels, no default exports but twins, no catch-all names', () => {
    const wrong = sources.flatMap((path) => [
      // A published package has one entry; that one lists what it offers.
      ...(/^export (\*|\{[^}]*\}) from /m.test(read(path)) && path !== 'instrumentation/src/fleet.ts'
        ? [`${path} re-exports`]
        : []),
      ...(/^export default (?!twins?\()/m.test(read(path)) && !/^(vitest\.config|test\/)/.test(path)
        ? [`${path} has a default export`]
        : []),
      ...(/(^|\/)(utils?|helpers?|common|types|index)\.[cm]?ts$/.test(path)
        ? [`${path} says nothing by its name`]
        : []),
    ]);
    expect(inRows(wrong)).toBe('');
  });

  test('scripts are thin: 60 lines at most', () => {
    const thick = sources.filter((path) => path.startsWith('scripts/') && read(path).split('\n').length > 61);
    expect(inRows(thick)).toBe('');
  });

  test('no skipped or focused test', () => {
    const marks = sources.filter(
      (path) => /\b(test|it|describe)\.(skip|only|todo)\b/.test(read(path)) && path !== 'test/repo.test.ts',
    );
    expect(inRows(marks)).toBe('');
  });
});

describe('house: documents', () => {
  test('the table of README.md names exactly the folders, and its files exist', () => {
    const folders = readdirSync(repository, { withFileTypes: true })
      .filter(
        (entry) =>
          entry.isDirectory() && files.some((path) => path.startsWith(`${entry.name}/`)) && !entry.name.startsWith('.'),
      )
      .map(({ name }) => name);
    const rows = [...read('README.md').matchAll(/^\| `(\w+)\/` \|.*\| `([^`]+)` \|$/gm)];
    expect(rows.map(([, folder]) => folder).sort()).toEqual(folders.sort());
    expect(rows.map(([, , start]) => start).filter((path) => !existsSync(join(repository, path as string)))).toEqual(
      [],
    );
  });

  test('every relative link in a document leads somewhere', () => {
    const broken = files
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].flatMap(([, link]) =>
          existsSync(join(repository, posix.join(posix.dirname(path), link as string))) ? [] : [`${path} → ${link}`],
        ),
      );
    expect(inRows(broken)).toBe('');
  });

  test('every dependency has its reason in docs/dependencies.md', () => {
    const named = files.filter((path) => path === 'package.json' || path === 'instrumentation/package.json');
    const reasons = read('docs/dependencies.md');
    const all = named.flatMap((path) => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(read(path)) as Record<
        string,
        Record<string, string>
      >;
      return Object.entries({ ...dependencies, ...devDependencies });
    });
    expect(all.map(([name]) => name).filter((name) => !reasons.includes(`\`${name}\``))).toEqual([]);
    expect(
      all.filter(([, version]) => !/^\d/.test(version)),
      'pin exactly',
    ).toEqual([]);
  });

  test('a package that two workspaces use has one version', () => {
    const versions = new Map<string, Set<string>>();
    for (const path of files.filter((path) => path.endsWith('package.json') && !path.startsWith('test/'))) {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(read(path)) as Record<
        string,
        Record<string, string>
      >;
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
        versions.set(name, (versions.get(name) ?? new Set()).add(version));
    }
    expect([...versions].filter(([, set]) => set.size > 1)).toEqual([]);
  });
});

describe('house: promises', () => {
  const known = new Set([...read('docs/promises.md').matchAll(/^\| ([A-Z]\d\d) \|/gm)].map(([, id]) => id as string));
  const cited = sources
    .filter((path) => path.endsWith('.test.ts'))
    .flatMap((path) =>
      [...read(path).matchAll(/\b(?:test|describe)(?:\.each\([^)]*\))?\(\s*["'`]([A-Z]\d\d)\b/g)].map(([, id]) => ({
        path,
        id: id as string,
      })),
    );

  test('every id in the title of a test is a promise', () => {
    expect(cited.filter(({ id }) => !known.has(id))).toEqual([]);
    expect(cited.length).toBeGreaterThan(20);
  });
});
