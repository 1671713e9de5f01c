import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { snippets } from './snippets.ts';

test('S04 each snippet runs and passes its tests, and with its slip it fails them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'snippets-'));
  try {
    const modules = snippets.flatMap(({ name, code, slip }) => [
      { name, code },
      { name: `${name} with its slip`, code: code.replace(...slip) },
    ]);
    modules.forEach(({ code }, index) => {
      const tests = snippets[index >> 1]?.tests;
      writeFileSync(join(folder, `${index}.mts`), `${code}\nimport assert from 'node:assert/strict';\n\n${tests}`);
    });
    const results = modules.map((_, index) => `await import('./${index}.mts').then(() => 'passes', (e) => e.code)`);
    writeFileSync(join(folder, 'all.mjs'), `console.log(JSON.stringify([${results.join(',\n')}]));`);
    const { stdout } = await execa(process.execPath, ['all.mjs'], { cwd: folder });
    const ends = JSON.parse(stdout) as string[];
    modules.forEach(({ name }, index) => {
      expect(ends[index], name).toBe(index % 2 ? 'ERR_ASSERTION' : 'passes');
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
