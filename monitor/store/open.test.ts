import { expect, test } from 'vitest';
import { openLedger } from './open.ts';

test.each(['mongodb:ada:s3cr3t@db', 'mongodb://ada:s3/cr3t@db/x', 'mongodb://ada:s3?cr3t@db/x'])(
  'X01 a ledger whose URL cannot be read is named without its password: %s',
  async (url) => {
    const error = await openLedger(url).then(
      () => expect.unreachable(),
      (error: Error) => error,
    );
    expect(error.message).toMatch(
      /^Cannot open the ledger at mongodb:\S*: .+ Write mongodb:\/\/<user>:<password>@<host>/,
    );
    expect(`${error.message} ${error.stack} ${error.cause}`).not.toMatch(/ada|s3|cr3t/);
  },
);
