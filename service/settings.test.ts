import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compose } from '../place.ts';
import { listenOn, needed, secret, telemetryEnv } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetscope-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('X05 a variable that is needed is named where it is missing, with what to give it', () => {
  expect(needed({ DATA: '/data' }, 'DATA', 'a folder')).toBe('/data');
  for (const env of [{}, { DATA: '' }])
    expect(() => needed(env, 'DATA', 'a folder')).toThrow('Cannot start: DATA is not set. Give it a folder.');
});

test('X01 a secret is read of its file; one that is not there, or too short, is named and not shown', () => {
  const path = join(folder, 'token');
  const text = 'a-token-made-by-chance-0123456789-0123456789';
  writeFileSync(path, `${text}\n`);
  expect(secret({ TOKEN_FILE: path }, 'TOKEN_FILE')).toBe(text);
  writeFileSync(path, 'hunter2');
  const short = expect.objectContaining({
    message: expect.stringMatching(
      /^Cannot start: the secret in \S+ \(TOKEN_FILE\) has 7 characters.* Make one: head -c 32/,
    ),
  });
  expect(() => secret({ TOKEN_FILE: path }, 'TOKEN_FILE')).toThrow(short);
  expect(() => secret({ TOKEN_FILE: path }, 'TOKEN_FILE')).not.toThrow('hunter2');
  expect(() => secret({ TOKEN_FILE: folder }, 'TOKEN_FILE')).toThrow(
    `Cannot start: TOKEN_FILE=${folder} cannot be read (EISDIR).`,
  );
  expect(() => secret({}, 'TOKEN_FILE')).toThrow('TOKEN_FILE is not set');
});

test.each([
  ['127.0.0.1:0', '127.0.0.1', 0],
  ['localhost:65535', 'localhost', 65_535],
  ['[::1]:80', '::1', 80],
  ['0.0.0.0:9100', '0.0.0.0', 9100],
])('X01 it listens on %s', (text, bind, port) => {
  expect(listenOn({ LISTEN: text }, 'LISTEN')).toEqual({ bind, port });
});

test.each(['80', ':80', 'localhost', 'localhost:65536', 'localhost:http'])('X01 it does not listen on "%s"', (text) => {
  expect(() => listenOn({ LISTEN: text }, 'LISTEN')).toThrow(
    `Cannot start: LISTEN="${text}" is no address. Write host:port.`,
  );
});

test('X05 each service tells the Collector how it is, under its own name', () => {
  expect(telemetryEnv(compose, 'monitor')).toMatchObject({
    OTEL_SERVICE_NAME: 'fleetscope-monitor',
    OTEL_EXPORTER_OTLP_ENDPOINT: expect.stringMatching(/^http:\/\/collector:/),
  });
});
