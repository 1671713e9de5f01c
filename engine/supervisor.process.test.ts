import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { afterEach, expect, test } from 'vitest';
import { until } from '../doctor/ask.ts';
import type { Component } from '../stack.ts';
import type { Process } from './processes.ts';
import { Supervisor } from './supervisor.ts';

const folders: string[] = [];
const running: Supervisor[] = [];
afterEach(async () => {
  for (const supervisor of running.splice(0)) await supervisor.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A server of one line that notes in a shared file when it starts and when it is told to stop. */
async function server(component: Component, folder: string, needs: Component[], program?: string): Promise<Process> {
  const port = await getPort({ host: '127.0.0.1' });
  const journal = JSON.stringify(join(folder, 'journal'));
  const code =
    program ??
    `const fs = require('node:fs');
     fs.appendFileSync(${journal}, '+${component} ');
     require('node:http').createServer((_, answer) => answer.end()).listen(${port}, '127.0.0.1');
     process.on('SIGTERM', () => { fs.appendFileSync(${journal}, '-${component} '); process.exit(); });`;
  return {
    component,
    program: process.execPath,
    args: ['-e', code],
    env: {},
    files: {},
    folders: [],
    readyUrl: `http://127.0.0.1:${port}`,
    needs,
    stopTimeoutMs: 5_000,
  };
}

function supervise(folder: string, processes: Process[], phases: string[] = []): Supervisor {
  const supervisor = new Supervisor({
    processes,
    logs: join(folder, 'logs'),
    onPhase: (component, phase) => phases.push(`${component} ${phase}`),
  });
  running.push(supervisor);
  return supervisor;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-supervisor-'));
  folders.push(folder);
  writeFileSync(join(folder, 'journal'), '');
  return folder;
}

test('P02 a component starts when those it needs are ready, and stops before them', async () => {
  const folder = newFolder();
  const supervisor = supervise(folder, [
    await server('collector', folder, ['tempo']),
    await server('tempo', folder, ['prometheus']),
    await server('prometheus', folder, []),
  ]);
  await supervisor.start();
  await supervisor.stop();
  expect(readFileSync(join(folder, 'journal'), 'utf8')).toBe(
    '+prometheus +tempo +collector -collector -tempo -prometheus ',
  );
});

test('P02 a component that crashes is started again', async () => {
  const folder = newFolder();
  const phases: string[] = [];
  const supervisor = supervise(folder, [await server('loki', folder, [])], phases);
  await supervisor.start();
  supervisor.signal('loki', 'SIGKILL');
  const again = await until(async () => phases.filter((phase) => phase === 'loki ready').length === 2, {
    timeoutMs: 10_000,
    everyMs: 50,
  });
  expect(again, phases.join()).toEqual({ found: true });
});

test('P02 a component that cannot start fails the start with the last lines of its log', {
  timeout: 30_000,
}, async () => {
  const folder = newFolder();
  const broken = await server('tempo', folder, [], "console.error('no such setting: frobnicate'); process.exit(3)");
  await expect(supervise(folder, [broken]).start()).rejects.toThrow(
    /^Cannot start Tempo: it ended 3 times\. Last lines of .*tempo\.log:\n(.*\n)*no such setting: frobnicate$/,
  );
});

test('P02 a program that is not there fails the start as well', { timeout: 30_000 }, async () => {
  const folder = newFolder();
  const absent = { ...(await server('tempo', folder, [])), program: join(folder, 'nothing') };
  await expect(supervise(folder, [absent]).start()).rejects.toThrow('Cannot start Tempo');
});

test('P02 what is stopped while it waits for another is not started after all', async () => {
  const folder = newFolder();
  const slow = await server('tempo', folder, []);
  const waiting = await server('collector', folder, ['tempo']);
  // Ready half a second after it was started.
  const late = { ...slow, args: ['-e', `setTimeout(() => { ${slow.args[1]} }, 500)`] };
  const phases: string[] = [];
  const supervisor = supervise(folder, [late, waiting], phases);
  const started = supervisor.start();
  await supervisor.stopOne('collector');
  await started;
  expect(phases).toContain('tempo ready');
  expect(phases).not.toContain('collector starting');
});
