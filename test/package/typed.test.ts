import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { project } from './installed.ts';

const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleetscope-typed-'));
  symlinkSync(join(await project('alone'), 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', type: 'module' }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const imports = `
import '@fleetscope/instrumentation/register';
import { agent, type AgentTrace, llmCall, recordResponseTime, task, tool, workflow } from '@fleetscope/instrumentation';
import { domains } from '@fleetscope/instrumentation/catalog';
import { createTestKit, type TestKit } from '@fleetscope/instrumentation/testing';`;

// What each call gives back has the type of what its function gave. The two errors are expected: without them it is one.
const body = `
export function run(): Promise<number> {
  return workflow({ name: 'release', trigger: 'webhook' }, () =>
    agent({ name: 'director', action: 'plan' }, () =>
      task({ type: 'plan' }, async (current) => {
        const trace: AgentTrace = current.trace();
        return tool({ name: 'write_file' }, () => trace.confidence ?? 0);
      })));
}
export const kit = (): TestKit => createTestKit();
export const names: string[] = kit().spans().map(({ name }) => name);
recordResponseTime(0.2, { operation: 'search', size: 'small' });

type LabelOfTasks = (typeof domains.tasks.agentTasksStarted.labels)[number]['name'];
export const bounded: LabelOfTasks = 'agent.name';
// @ts-expect-error An id is no label of this metric.
export const open: LabelOfTasks = 'agent.task.id';
// @ts-expect-error Neither is a user one of that.
recordResponseTime(0.2, { operation: 'search', size: 'small', 'user.id': 'u-17' });`;

const modes = [
  ['consumer.ts', { module: 'node16' }],
  ['consumer.cts', { module: 'node16' }],
  ['consumer.ts', { module: 'esnext', moduleResolution: 'bundler' }],
] as const;

/** Strict, and without `skipLibCheck`: our declarations are checked as well, with no types of Node at hand. */
async function compile(name: string, file: string, text: string, options: object) {
  writeFileSync(join(folder, `${name}-${file}`), text);
  const compilerOptions = {
    ...options,
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: [],
    strict: true,
    noEmit: true,
  };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ compilerOptions, files: [`${name}-${file}`] }));
  return execa(process.execPath, [tsc, '--project', `${name}.json`], { cwd: folder, reject: false });
}

test.concurrent.each(modes)(
  'T10 %s compiles with %o; an open attribute on a metric does not',
  async (file, options) => {
    const name = Object.values(options).join('-') + file.replace(/\W/g, '');
    expect(await compile(name, file, imports + body, options)).toMatchObject({ stdout: '', exitCode: 0 });
    const unexpected = (imports + body).replaceAll(/\/\/ @ts-expect-error.*/g, '');
    const refused = await compile(`${name}-open`, file, unexpected, options);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stdout.match(/error TS\d+/g)).toEqual(['error TS2322', 'error TS2353']);
  },
);
