/** Loaded before the code of an agent: tells on descriptor 3 what the process used. JavaScript: it need not be stripped of types. */
import { writeSync } from 'node:fs';

process.on('SIGTERM', () => process.exit(143));
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(3, JSON.stringify({ cpuMicros: userCPUTime + systemCPUTime, peakKib: maxRSS }));
});
