import { expect, test } from 'vitest';
import packageFile from '../../package.json' with { type: 'json' };
import { scopeName, scopeVersion } from './scope-name.ts';

test('S03 what is recorded carries the name and the version of the package', () => {
  expect([scopeName, scopeVersion]).toEqual([packageFile.name, packageFile.version]);
});
