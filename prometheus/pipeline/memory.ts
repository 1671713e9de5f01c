/** As monitor/memory/schedule/settings.ts names it. */
export const memoryService = 'fleetscope-memory';

/** Its last words: each place keeps them for itself. */
export const memorySays = [
  '# Natively, where npm run up was said:',
  'tail -n 50 .fleetscope/logs/memory.log',
  '# In containers:',
  'docker compose logs --tail 50 memory',
  '# On Kubernetes:',
  'kubectl -n fleetscope logs monitor-0 -c memory --tail=50',
].join('\n');
