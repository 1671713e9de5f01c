/** One command on the ledger that is here: a file, or a database. */
import { memoryBeside, openForReading } from '../memory/ask/beside.ts';
import { openLedger } from '../store/open.ts';
import { type Command, type Given, printed } from './command.ts';

/** Writes what it says. @returns whether something is not as it should be. */
export async function perform(
  command: Command,
  database: string,
  given: Omit<Given, 'ledger' | 'notices'>,
  memoryAt = memoryBeside(database),
): Promise<boolean> {
  const notices: string[] = [];
  const notice = (line: string) => console.error(notices[notices.push(line) - 1]);
  const ledger = await openLedger(database, { notice, ifDamaged: 'leave' });
  const memory = () => openForReading(memoryAt, notice);
  const ran = command.run({ memory, ...given, ledger, notices }).finally(() => ledger.close());
  await given.screen.write(printed(await ran, given.options));
  return (await ran).findings === true;
}
