import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FaultRecord } from '../../examples/fleet/demo/fault-record.ts';
import { parseFaults, readFaults } from './faults.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 1, 15, 10, minute));
const seconds = (minute: number) => at(minute).getTime() / 1000;

test('B08 what the demo writes down while faults come and go is read as windows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-faults-'));
  const path = join(folder, 'data', 'faults.jsonl');
  let minute = 0;
  const record = new FaultRecord(path, () => at(minute));
  record.change([]);
  expect(readFaults(path, false, seconds(60))).toEqual([]);
  minute = 1;
  record.change(['error-spike']);
  minute = 2;
  record.change(['error-spike', 'slow-model']);
  minute = 4;
  record.change(['slow-model']);
  expect(readFaults(path, true, seconds(60))).toEqual([
    { kind: 'error-spike', from: seconds(1), to: seconds(4) },
    // Still on.
    { kind: 'slow-model', from: seconds(2), to: seconds(60) },
  ]);
  minute = 9;
  record.change([]);
  expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(4);
  expect(readFaults(path, true, seconds(60)).map(({ to }) => to)).toEqual([seconds(4), seconds(9)]);
  rmSync(folder, { recursive: true });
});

test('B08 a fault whose end nobody wrote down lasts until the next begins', () => {
  const killed = `{"kind":"silent-agent","from":"${at(1).toISOString()}"}`;
  const next = `{"kind":"cost-spike","from":"${at(7).toISOString()}","to":"${at(8).toISOString()}"}`;
  expect(parseFaults(`${killed}\n\n${next}\n`, seconds(60))).toMatchObject([{ to: seconds(7) }, { to: seconds(8) }]);
});

test('B08 a record that cannot be read is refused with its line, a file that was asked for with its name', () => {
  expect(() => parseFaults('{"kind":"a","from":"yesterday"}', 0)).toThrow(
    /^Cannot read line 1 of the faults: "yesterday"/,
  );
  expect(() => parseFaults('\n{"kind":', 0)).toThrow(/^Cannot read line 2 of the faults/);
  expect(() => readFaults('/nowhere/faults.jsonl', true, 0)).toThrow(/^Cannot read \/nowhere\/faults\.jsonl: ENOENT/);
});
