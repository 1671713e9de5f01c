import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { canResolve, findApp, isPackageManager } from './app.ts';
import { buildResource } from './resource.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'fleetscope-app-')));
afterAll(() => rmSync(root, { recursive: true }));

function file(path: string, text = ''): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

file('shop/package.json', '{ "name": "@acme/shop", "version": "4.5.6" }');
file('shop/dist/package.json', '{ "type": "module" }');
const main = file('shop/dist/server.js');

const unset = { serviceName: '', resourceAttributes: {} };

test('I02 the service is named after the package of the main script, past a package.json without name', () => {
  const app = findApp(main, '/');
  expect(app).toEqual({ folder: join(root, 'shop/dist'), name: '@acme/shop', version: '4.5.6' });
  expect(buildResource(unset, app).attributes).toMatchObject({
    'service.name': '@acme/shop',
    'service.version': '4.5.6',
  });
});

test('I02 a script given as a folder, and one reached by a link, are followed', () => {
  expect(findApp(join(root, 'shop'), '/').name).toBe('@acme/shop');
  symlinkSync(main, join(root, 'start'));
  expect(findApp(join(root, 'start'), '/').name).toBe('@acme/shop');
});

test('I02 a tool that a project runs is named after the project, one that runs elsewhere after itself', () => {
  file('shop/node_modules/next/package.json', '{ "name": "next" }');
  const tool = file('shop/node_modules/next/bin/next.js');
  const folder = join(root, 'shop/node_modules/next/bin');
  expect(findApp(tool, join(root, 'shop'))).toMatchObject({ folder, name: '@acme/shop' });
  expect(findApp(tool, join(root, 'shop/dist'))).toMatchObject({ folder, name: '@acme/shop' });
  expect(findApp(tool, '/')).toMatchObject({ folder, name: 'next' });
});

test('I02 without any package, and with a broken one, the name is unknown_service:node', () => {
  const app = findApp(file('loose/package.json', '{ broken'), '/');
  expect(app.name).toBeUndefined();
  const { attributes } = buildResource(unset, app);
  expect(attributes['service.name']).toBe('unknown_service:node');
  expect(attributes['service.version']).toBeUndefined();
});

test('I02 OTEL_SERVICE_NAME wins over OTEL_RESOURCE_ATTRIBUTES, which win over the package', () => {
  const given = { 'service.name': 'b', 'service.version': '9' };
  const name = (serviceName: string, resourceAttributes: Record<string, string>) =>
    buildResource({ serviceName, resourceAttributes }, findApp(main, '/')).attributes;
  expect(name('a', given)['service.name']).toBe('a');
  expect(name('', given)).toMatchObject(given);
});

test('I07 the command line, where people put tokens, is no resource attribute, and nothing is pending at exit', () => {
  const resource = buildResource(unset, findApp(main, '/'));
  expect(Object.keys(resource.attributes).filter((key) => key.startsWith('process.command'))).toEqual([]);
  expect(resource.asyncAttributesPending).toBe(false);
  expect(resource.attributes).toMatchObject({
    'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'telemetry.distro.name': '@fleetscope/instrumentation',
    'telemetry.sdk.language': 'nodejs',
  });
});

test('I01 a library counts as present when the app could load it, by require or by import alone', () => {
  file('shop/node_modules/esm-only/package.json', '{ "exports": { "import": "./index.js" } }');
  file('shop/node_modules/common/package.json', '{ "main": "index.js" }');
  file('shop/node_modules/common/index.js');
  const app = findApp(main, '/');
  expect(['esm-only', 'common', 'absent'].map((library) => canResolve(app, library))).toEqual([true, true, false]);
});

test('I01 package managers are told from services by the name of their script', () => {
  const managers = [
    '/usr/lib/node_modules/npm/bin/npm-cli.js',
    '/usr/bin/npx',
    '/x/yarn.js',
    '/x/pnpm.cjs',
    '/x/corepack',
  ];
  expect(managers.map(isPackageManager)).toEqual(managers.map(() => true));
  expect([undefined, '/app/server.js', '/app/npm-audit.js'].map(isPackageManager)).toEqual([false, false, false]);
});
