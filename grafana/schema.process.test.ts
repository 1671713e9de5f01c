import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import { repository } from '../scripts/twins.ts';
import { dashboardFiles } from './panel-queries.ts';
import { schemaModule } from './schema.ts';

const boards = dashboardFiles();

test('D19 every panel is one that Grafana 13.2 describes, option by option', { timeout: 60_000 }, () => {
  expect(compile(schemaModule(boards))).toBe('');
});

interface Spoilt {
  panels: { type: string; options: Record<string, unknown> }[];
}

test('D19 an option that Grafana does not know, and a value that it does not take, are found out', {
  timeout: 60_000,
}, () => {
  const [board] = structuredClone(boards.filter((each) => (each as { uid: string }).uid === 'fleet')) as [Spoilt];
  const [first, second] = board.panels.filter(({ type }) => type === 'stat') as [
    Spoilt['panels'][0],
    Spoilt['panels'][0],
  ];
  first.options.colourMode = 'value';
  second.options.graphMode = 'curve';
  const says = compile(schemaModule([board]));
  expect(says).toMatch(/^fleet: Approval time, p95: .*'"colourMode"' does not exist/m);
  expect(says).toMatch(/^fleet: Pending approvals: Type '"curve"' is not assignable to type '"area"/m);
});

/** What the compiler says; nothing for a module that compiles. */
function compile(module: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-schema-'));
  try {
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'dashboards.mts'), module);
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--noErrorTruncation',
      '--types',
      '',
    ];
    const { stdout } = execaSync(join(repository, 'node_modules/.bin/tsc'), [...options, 'dashboards.mts'], {
      cwd: folder,
      reject: false,
    });
    const lines = module.split('\n');
    return stdout.replaceAll(/^dashboards\.mts\((\d+),\d+\): error \w+/gm, (_, line) => {
      return /^\/\* (.*?) \*\//.exec(lines[line - 1] as string)?.[1] ?? `Line ${line}`;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
