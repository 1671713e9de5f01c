import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { include: ['test/stack/loki-ha.test.ts','k8s/**/*.test.ts','grafana/server.test.ts','loki/**/*.test.ts'], fileParallelism: false, testTimeout: 180_000, hookTimeout: 180_000 } });
