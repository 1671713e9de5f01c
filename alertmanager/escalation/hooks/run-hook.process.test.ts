import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HookRun } from '../incident/incident.ts';
import type { SecretRef } from '../secret.ts';
import { type HookInput, hookConfig } from './hook-config.ts';
import { runHook } from './run-hook.ts';

let folder: string;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
const asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
const server = createServer(async (request, response) => {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
  answer(request, response);
});

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'fleetscope-hooks-')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const secrets: Record<string, string> = { TOKEN: 'the-secret-of-the-hook', URL: '', 'data/url': '' };
const deps = {
  env: { HOME: '/home/of/the/service', PASSWORD: 'hunter2-hunter2', PATH: '/usr/bin' },
  secret(ref: SecretRef) {
    const name = 'env' in ref ? ref.env : ref.file;
    if (!secrets[name]) throw new Error(`Set the variable ${name}.`);
    return secrets[name];
  },
};

function run(
  given: Partial<HookInput>,
  parameters: Record<string, string> = {},
  {
    dryRun = false,
    signal = new AbortController().signal,
    ...said
  }: { dryRun?: boolean; signal?: AbortSignal; approvedBy?: string } = {},
) {
  const config = v.parse(hookConfig, { dryRun, ...given });
  const hookRun: HookRun = {
    ...{ key: 'i/hook/1', hook: 'h', parameters, state: 'running', dryRun, createdAt: 0, attemptAt: 0 },
    ...said,
  };
  return runHook(config, hookRun, deps, signal);
}

/** A program of its own, that nobody else can change. */
function program(name: string, code: string, interpreter = '/bin/sh'): string {
  const path = join(folder, name);
  writeFileSync(path, `#!${interpreter}\n${code}`);
  chmodSync(path, 0o755);
  return path;
}

const show = 'console.log(JSON.stringify({ args: process.argv.slice(2), env: process.env, cwd: process.cwd() }))';
const inNode = (name: string, code: string) => program(name, code, process.execPath);
const any = { value: '[\\s\\S]*' };

test('X04 a command gets its fixed arguments, the variables that are named, and its folder; nothing else', async () => {
  const facts = { arguments: ['scale', '--to=3', '{value}'], with: any, environment: ['HOME'], directory: folder };
  const { result } = await run({ kind: 'command', program: inNode('show', show), ...facts }, { value: 'search' });
  expect(JSON.parse(result.slice(result.indexOf(': ') + 2))).toEqual({
    args: ['scale', '--to=3', 'search'],
    env: { HOME: '/home/of/the/service' },
    cwd: folder,
  });
});

test.each([
  '; touch /tmp/x',
  '$(touch x)',
  '`touch x`',
  '| cat',
  '../../etc/passwd',
  'a b',
  "'",
  '"',
  '*',
  '{value}',
  '&& x',
])('X04 a label with %j is one argument as it is: there is no shell', async (value) => {
  const listing = program('list', `for one in "$@"; do printf '<%s>' "$one"; done`);
  const { result } = await run(
    { kind: 'command', program: listing, arguments: ['{value}', 'b'], with: any },
    { value },
  );
  expect(result).toMatch(/ ended with 0: /);
  expect(result.slice(result.indexOf(': ') + 2)).toBe(`<${value}><b>`);
});

test.each([
  ['an option', '--kubeconfig=/tmp/x', /would be an option of the program/],
  ['a line break', 'a\nb', /is not of the form/],
  ['a zero', 'a\0b', /is not of the form/],
])('X04 a label that is %s is refused', async (_, value, words) => {
  const marker = join(folder, 'refused');
  const touched = program('touch', `: > ${marker}`);
  const { ok, result } = await run({ kind: 'command', program: touched, arguments: ['{value}'], with: any }, { value });
  expect(ok).toBe(false);
  expect(result).toMatch(words);
  await expect(access(marker)).rejects.toThrow('ENOENT');
});

test('X04 a run is held to the pattern that the policy has now', async () => {
  const { ok, result } = await run(
    { kind: 'command', program: program('list', 'true'), arguments: ['{value}'], with: { value: '[a-z]+' } },
    { value: 'SEARCH' },
  );
  expect({ ok, result }).toEqual({ ok: false, result: 'Not done: "value" is not of the form [a-z]+.' });
});

test('X04 a link, a folder, what others can change, what cannot be run and what is not there are no programs', async () => {
  const good = program('good', 'true');
  const link = join(folder, 'link');
  symlinkSync(good, link);
  const open = program('open', 'true');
  chmodSync(open, 0o777);
  const plain = program('plain', 'true');
  chmodSync(plain, 0o644);
  const said = async (path: string) => (await run({ kind: 'command', program: path })).result;
  expect(await said(link)).toMatch(
    /^Failed: Cannot run .*\/link: a symbolic link leads from it to .*\/good\. Name that/,
  );
  expect(await said(folder)).toMatch(/it is no file/);
  expect(await said(open)).toMatch(/others than its owner can change it\. chmod go-w/);
  expect(await said(plain)).toMatch(/it is not executable/);
  expect(await said(join(folder, 'none'))).toMatch(/there is no such file/);
  expect((await run({ kind: 'command', program: good })).ok).toBe(true);
});

test('X04 how a command ended is in the result: its code, its signal, its first and last words, without colours', async () => {
  const failing = program('failing', String.raw`printf '\033[31mone\033[0m\n'; echo two >&2; exit 3`);
  const { ok, result } = await run({ kind: 'command', program: failing });
  expect(ok).toBe(false);
  expect(result).toMatch(/failing ended with 3: /);
  expect(result.split(': ')[1]?.split('\n').sort()).toEqual(['one', 'two']);
  const killed = await run({ kind: 'command', program: program('killed', 'kill $$') });
  expect(killed).toMatchObject({ ok: false, result: expect.stringContaining('ended with SIGTERM') });
  const chatty = inNode('chatty', `process.stdout.write('first ' + 'x'.repeat(5_000_000) + ' last')`);
  const { result: capped } = await run({ kind: 'command', program: chatty });
  expect(capped).toMatch(/: first x+/);
  expect(capped).toMatch(/x last$/);
  expect(capped.length).toBeLessThan(2200);
});

test('X04 a command that is late is ended with all that it started', async () => {
  const pids = join(folder, 'pids');
  // Neither heeds SIGTERM.
  const late = program(
    'late',
    `trap '' TERM; (while :; do sleep 1; done) & echo $$ $! > ${pids}; while :; do sleep 1; done`,
  );
  const { ok, result } = await run({ kind: 'command', program: late, timeout: '1s' });
  expect({ ok, result }).toEqual({ ok: false, result: 'Not ended within 1000 ms, and stopped.' });
  for (const pid of readFileSync(pids, 'utf8').trim().split(' ').map(Number)) await gone(pid);
});

test('X04 a command that leaves something in the background is not waited for, and leaves nothing', async () => {
  const pids = join(folder, 'left');
  const leaving = program('leaving', `sleep 1000 & echo $! > ${pids}`);
  expect((await run({ kind: 'command', program: leaving })).ok).toBe(true);
  await gone(Number(readFileSync(pids, 'utf8')));
});

/** Until no such process runs any more; one that nobody has asked after yet is a zombie, which runs nothing. */
async function gone(pid: number): Promise<void> {
  const runs = () => {
    try {
      return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  };
  for (let count = 0; runs(); count += 1) {
    expect(count, `process ${pid} still runs`).toBeLessThan(200);
    await delay(10);
  }
}

test('X04 the end of the service ends a command', async () => {
  const stopping = new AbortController();
  const waiting = program('waiting', 'sleep 1000');
  const running = run({ kind: 'command', program: waiting }, {}, { signal: stopping.signal });
  setImmediate(() => stopping.abort());
  expect(await running).toEqual({ ok: false, result: 'Stopped with the service, before it had ended.' });
});

test('X04 secrets do not get into a result, neither what was given nor what looks like one', async () => {
  const telling = program(
    'telling',
    'echo $PASSWORD; echo password=abcdefgh12345; echo ghp_a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1',
  );
  const { result } = await run({ kind: 'command', program: telling, environment: ['PASSWORD'] });
  expect(result).not.toMatch(/abcdefgh12345|a1a1a1|hunter2/);
  answer = (request, response) => response.end(`you sent ${request.headers.authorization}`);
  const { result: http } = await run({ kind: 'http', url, headers: { authorization: { bearer: { env: 'TOKEN' } } } });
  expect(asked.at(-1)?.headers.authorization).toBe('Bearer the-secret-of-the-hook');
  expect(http).not.toContain('the-secret');
  expect(http).toContain('answered 200: you sent');
});

test('X04 an HTTP hook sends a fixed request, in which places of the body are filled as texts', async () => {
  answer = (_, response) => response.writeHead(202).end('{"paused":true}');
  const value = 'x", "admin": true, "y": "';
  const { ok, result } = await run(
    {
      kind: 'http',
      url: `${url}/control/pause`,
      body: { reason: '{value}', forSeconds: 60, list: ['{value}!'] },
      with: any,
    },
    { value },
  );
  expect({ ok, result }).toEqual({ ok: true, result: `POST ${url}/control/pause answered 202: {"paused":true}` });
  const { body, headers, method } = asked.at(-1) ?? {};
  expect(JSON.parse(body ?? '')).toEqual({ reason: value, forSeconds: 60, list: [`${value}!`] });
  expect(method).toBe('POST');
  expect(headers).toMatchObject({ 'idempotency-key': 'i/hook/1', 'content-type': 'application/json' });
});

test.each([
  'a/b',
  '../../admin',
  'x?y=1',
  '#z',
  '@evil.example',
  '\\\\evil.example',
  '%2e%2e',
  'a:b',
  '//evil.example/',
])('X04 a label with %j stays one part of the path, at the same host', async (value) => {
  answer = (_, response) => response.end();
  const { ok } = await run({ kind: 'http', url: `${url}/tools/{value}/off?why={value}`, with: any }, { value });
  expect(ok).toBe(true);
  const encoded = encodeURIComponent(value);
  expect(asked.at(-1)?.url).toBe(`/tools/${encoded}/off?why=${encoded}`);
});

test.each(['.', '..'])('X04 a label that is %j is no part of a path', async (value) => {
  const before = asked.length;
  const { ok, result } = await run({ kind: 'http', url: `${url}/tools/{value}/off`, with: any }, { value });
  expect({ ok, result }).toEqual({ ok: false, result: 'Failed: Cannot fill "url": "." and ".." are no names' });
  expect(asked.length).toBe(before);
});

test('X04 a redirect is not followed, and an error is a failure, with what the other side said', async () => {
  answer = (_, response) => response.writeHead(307, { location: `${url}/elsewhere` }).end();
  expect(await run({ kind: 'http', url })).toMatchObject({
    ok: false,
    result: expect.stringMatching(/answered 307.*not followed/),
  });
  expect(asked.at(-1)?.url).toBe('/');
  answer = (_, response) => response.writeHead(503).end('not today');
  expect(await run({ kind: 'http', url })).toEqual({ ok: false, result: `POST ${url}/ answered 503: not today` });
});

test('X04 a server that is silent, talks for ever or is not there is a failure in time', async () => {
  answer = () => undefined;
  expect((await run({ kind: 'http', url, timeout: '200ms' })).result).toBe('Not ended within 200 ms, and stopped.');
  answer = (_, response) => {
    const talking = setInterval(() => response.write('x'.repeat(1000)), 1);
    response.on('close', () => clearInterval(talking));
  };
  const { ok, result } = await run({ kind: 'http', url });
  expect(ok).toBe(true);
  expect(result.length).toBeLessThan(1200);
  expect((await run({ kind: 'http', url: 'http://127.0.0.1:1/' })).result).toMatch(
    /^Failed: fetch failed: .*(ECONNREFUSED|bad port)/,
  );
});

test('X04 a dry run does nothing, and says exactly what would be done, or why it would fail', async () => {
  const before = asked.length;
  const dry = { dryRun: true };
  secrets['data/url'] = `${url}/`;
  expect(
    await run(
      { kind: 'http', url: { base: { file: 'data/url' }, path: '/control/pause' }, body: { by: '{value}' }, with: any },
      { value: 'x' },
      dry,
    ),
  ).toEqual({
    ok: true,
    result: 'Dry run. Would do: POST <data/url>/control/pause with {"by":"x"}',
  });
  expect(asked.length).toBe(before);
  const marker = join(folder, 'dry');
  const touch = program('touch', `: > ${marker}`);
  expect(
    await run(
      { kind: 'command', program: touch, arguments: ['a b', '{value}'], environment: ['HOME'], with: any },
      { value: 'x' },
      dry,
    ),
  ).toEqual({
    ok: true,
    result: `Dry run. Would do: ${touch} 'a b' x in /, seeing HOME`,
  });
  await expect(access(marker)).rejects.toThrow('ENOENT');
  expect(await run({ kind: 'http', url: { base: { env: 'URL' }, path: '/' } }, {}, dry)).toEqual({
    ok: false,
    result: 'Dry run. Would fail: Set the variable URL.',
  });
});

test('X04 an address from a file is used only if it is one of HTTP', async () => {
  answer = (_, response) => response.end();
  secrets['data/url'] = `${url}/base/`;
  const hook = { kind: 'http', url: { base: { file: 'data/url' }, path: '/control/pause' } } as const;
  expect((await run(hook)).ok).toBe(true);
  expect(asked.at(-1)?.url).toBe('/base/control/pause');
  secrets['data/url'] = 'file:///etc';
  expect((await run(hook)).result).toBe('Failed: Cannot use the base of "url": it is no address of HTTP');
});

test('X04 a run is held to the yes that the policy asks for now', async () => {
  const marker = join(folder, 'unasked');
  const hook = { kind: 'command', program: program('unasked-for', `: > ${marker}`), approval: true } as const;
  const { ok, result } = await run(hook);
  expect({ ok, result }).toEqual({
    ok: false,
    result: 'Not done: the policy asks for a yes by now, and nobody has said it.',
  });
  await expect(access(marker)).rejects.toThrow('ENOENT');
  expect((await run(hook, {}, { approvedBy: 'Ana' })).ok).toBe(true);
  expect((await run(hook, {}, { dryRun: true })).result).toMatch(/^Dry run\. Would do/);
});
