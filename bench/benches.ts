/** What `npm run bench` can measure: how, what of it people read, and where that is written. */
import { writeFileSync } from 'node:fs';
import { benchEscalation } from './escalation.ts';
import { escalationTables, escalationVerdict } from './escalation-tables.ts';
import { benchInstrumentation } from './instrumentation.ts';
import { benchLedger } from './ledger.ts';
import { ledgerTables, ledgerVerdict } from './ledger-tables.ts';
import { tables } from './markdown.ts';
import { benchMemory } from './memory.ts';
import { memoryTables, memoryVerdict } from './memory-tables.ts';
import { benchScale, unitsOf } from './scale.ts';
import { scaleTables, scaleVerdict } from './scale-tables.ts';
import { unitsFile } from './scale-units.ts';
import { verdict } from './verdict.ts';

type Options = Parameters<typeof benchInstrumentation>[0] &
  Parameters<typeof benchEscalation>[0] &
  Parameters<typeof benchLedger>[0] &
  Parameters<typeof benchScale>[0] & { write?: true };

export const benches = {
  instrumentation: {
    document: 'overhead.md',
    async run(options: Options) {
      const report = await benchInstrumentation(options);
      return { report, text: tables(report), findings: verdict(report) };
    },
  },
  escalation: {
    document: 'escalation-load.md',
    async run(options: Options) {
      const report = await benchEscalation(options);
      return { report, text: escalationTables(report), findings: escalationVerdict(report) };
    },
  },
  ledger: {
    document: 'ledger-load.md',
    async run(options: Options) {
      const report = await benchLedger(options);
      return { report, text: ledgerTables(report), findings: ledgerVerdict(report) };
    },
  },
  memory: {
    document: 'memory-findings.md',
    async run(options: Options) {
      const report = await benchMemory(options);
      return { report, text: memoryTables(report), findings: memoryVerdict(report) };
    },
  },
  scale: {
    document: 'scale.md',
    async run(options: Options) {
      const report = await benchScale(options);
      // What `npm run size` plans with.
      if (options.write) writeFileSync(unitsFile, `${JSON.stringify(unitsOf(report), undefined, 2)}\n`);
      return { report, text: scaleTables(report), findings: scaleVerdict(report) };
    },
  },
};
