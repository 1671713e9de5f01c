import { expect, test } from 'vitest';
import { openMemory } from './open.ts';

test.each(['mongodb:ada:s3cr3t@db', 'mongodb://ada:s3/cr3t@db/x', 'mongodb://ada:s3?cr3t@db/x'])(
  'M03 a memory whose URL cannot be read is named without its password: %s',
  async (url) => {
    const error = await openMemory(url).then(
      () => expect.unreachable(),
      (error: Error) => error,
    );
    expect(error.message).toMatch(
      /^Cannot open the memory at mongodb:\S*: .+ Write mongodb:\/\/<user>:<password>@<host>/,
    );
    expect(`${error.message} ${error.stack} ${error.cause}`).not.toMatch(/ada|s3|cr3t/);
  },
);

test.each(['redis://localhost', 'sqlite:', ''])('M03 "%s" is no memory', async (url) => {
  await expect(openMemory(url)).rejects.toThrow(/^Cannot open the memory ".*Write sqlite:<path>, or mongodb:\/\//);
});
