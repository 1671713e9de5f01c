import { expect, test } from 'vitest';
import { recordProcess } from './process-metrics.ts';
import { createTestKit } from './testing-kit.ts';

test('T08 CPU time, memory and disk of the process are recorded, and T06 how much of its share is in use', async () => {
  const kit = createTestKit();
  try {
    recordProcess();
    const cpu = await kit.points('process.cpu.time');
    expect(cpu.map(({ labels }) => labels['cpu.mode'])).toEqual(['user', 'system']);
    expect(cpu.every(({ value }) => value > 0)).toBe(true);
    const [memory] = await kit.points('process.memory.usage');
    expect(memory?.value).toBeGreaterThan(10e6);
    const utilization = await kit.points('resource.utilization');
    expect(utilization.map(({ labels }) => labels['resource.type'])).toEqual(['cpu', 'memory']);
    expect(utilization.filter(({ value }) => !(value >= 0 && value <= 1))).toEqual([]);
    expect((await kit.points('memory.usage')).map(({ labels }) => labels)).toEqual([{ component: 'process' }]);
    const disk = await kit.points('process.disk.io');
    expect(disk.length).toBe(process.platform === 'linux' ? 2 : 0);
  } finally {
    await kit.stop();
  }
});
