import { afterAll, beforeAll, expect, test } from 'vitest';
import { unescaped } from '../../markdown.ts';
import { terminal } from '../../testing/run-command.ts';
import { filesOf } from '../schedule/files.ts';
import { elevenWeeks, type Remembered, rememberedDays } from '../testing/remembered-days.ts';
import { rephrase } from './rephrase.ts';

const week = '2025-W51';
let there: Remembered;
beforeAll(async () => {
  there = await rememberedDays({ ...elevenWeeks, days: 21 });
});
afterAll(() => there[Symbol.asyncDispose]());

async function run(options: Record<string, string | true>) {
  const told: string[] = [];
  const sources = () => Promise.reject(new Error('Nothing is collected.'));
  const given = { memory: there.memory, options, screen: terminal(80), now: 0, usdPerDay: 23, root: '/none', sources };
  return { ...(await rephrase.run({ ...given, told: (line) => told.push(line) })), told };
}

async function page(): Promise<string> {
  const files = await filesOf(there.memory, 'week', week);
  return (await files.find(({ path }) => path.includes(week))?.text()) ?? '';
}

test('M02 without a program nothing is rephrased', async () => {
  await expect(run({})).rejects.toThrow(/^Cannot rephrase without a program: nothing is sent anywhere by itself\./);
});

test('M02 a program that invents a number is refused, and the plain sentence stands', async () => {
  const before = await page();
  const { json, text, findings } = await run({ with: "sed 's/ times/ times, 97 % more than before/'", week });
  expect(json).toMatchObject({ refused: expect.any(Number) });
  expect(text).toMatch(/Refused: not in the evidence: 97, 97 %\. The plain sentence stands\./);
  expect(findings).toBe(true);
  expect(await page()).toBe(before);
});

test('M02 what it may say is kept as rows: the page is made of them, without the program', async () => {
  const before = await page();
  const command = "sed 's/ came on / was met on /'";
  const dry = await run({ with: command, week, dryRun: true });
  expect([dry.told, await page()]).toEqual([['Nothing was kept: --dry-run.'], before]);
  const { told, json } = await run({ with: command, week });
  expect(told).toEqual([expect.stringMatching(/^Kept \d sentences?\./)]);
  expect(json).toMatchObject({ refused: 0 });
  const after = await page();
  expect(unescaped(after)).toBe(unescaped(before).replaceAll(' came on ', ' was met on '));
  expect(after).not.toBe(before);
  expect((await run({ with: 'false', week })).text).toMatch(/there is nothing to rephrase/);
});

test('M02 what was kept is answered anew, and taken back: the page is as it was', async () => {
  await run({ drop: true, week });
  const before = await page();
  await run({ with: "sed 's/ came on / was met on /'", week });
  const refused = await run({ with: "sed 's/ times/ times, 97 % more/'", week, again: true });
  expect(refused.text).toMatch(/Refused: .* What was kept before stands\./);
  expect(await page()).toContain(' was met on ');
  await run({ with: "sed 's/ came on / was seen on /'", week, again: true });
  expect(unescaped(await page())).toBe(unescaped(before).replaceAll(' came on ', ' was seen on '));
  const dry = await run({ drop: true, week, dryRun: true });
  expect([dry.told, await page()]).not.toContain(before);
  expect(dry.told).toEqual(['Nothing was taken back: --dry-run.']);
  const { told, text } = await run({ drop: true, week });
  expect(told).toEqual([expect.stringMatching(/^Took back \d sentences?\./)]);
  expect(text).toMatch(/ was seen on .*\n→ .* came on /);
  expect(await page()).toBe(before);
  expect((await run({ drop: true, week })).text).toBe(`Of ${week} nothing was rephrased.`);
  await expect(run({ drop: true, with: 'cat', week })).rejects.toThrow(/^Cannot both rephrase and take back/);
});

test('M02 a week that is not consolidated is refused, and so is what is none', async () => {
  await expect(run({ with: 'cat', week: '2025-W52' })).rejects.toThrow(
    'Cannot rephrase 2025-W52: it is not consolidated; the newest that is: 2025-W51. npm run memory -- consolidate --week 2025-W52.',
  );
  for (const none of ['2025-12-01', '2025-W60', 'W51'])
    await expect(run({ with: 'cat', week: none })).rejects.toThrow(RangeError);
});

test('M02 a program that fails is named, and changes nothing', async () => {
  const before = await page();
  await expect(run({ with: 'exit 3', week: '2025-W49' })).rejects.toThrow(/^Cannot rephrase: "exit 3" ended with 3\./);
  expect(await page()).toBe(before);
});
