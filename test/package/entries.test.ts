import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHost, type Host } from '../../instrumentation/src/testing/host.ts';
import { type Receiver, withReceiver } from '../../instrumentation/src/testing/receiver.ts';
import { nodeOf, oldestNode, project } from './installed.ts';

// One run of a fleet, asked for over HTTP; and what the catalogue and a kit for tests say, less the telemetry itself.
const body = `
const told = {};
const server = createServer(async (request, response) => {
  const result = await workflow({ name: 'release', trigger: 'webhook' }, () =>
    agent({ name: 'director', action: 'plan' }, () =>
      task({ type: 'plan' }, () =>
        tool({ name: 'write_file' }, async () => 'written'))));
  response.end(result);
}).listen(0, '127.0.0.1', async () => {
  told.answer = await (await fetch('http://127.0.0.1:' + server.address().port)).text();
  told.tool = domains.tools.toolCalls.name;
  told.kit = typeof createTestKit;
  process.stdout.write(JSON.stringify(told));
  server.close();
  server.closeAllConnections();
});`;

const programs = {
  'fleet.mjs': `import { createServer } from 'node:http';
    import { agent, task, tool, workflow } from '@fleetscope/instrumentation';
    import { domains } from '@fleetscope/instrumentation/catalog';
    import { createTestKit } from '@fleetscope/instrumentation/testing';
    ${body}`,
  'fleet.cjs': `const { createServer } = require('http');
    const { agent, task, tool, workflow } = require('@fleetscope/instrumentation');
    const { domains } = require('@fleetscope/instrumentation/catalog');
    const { createTestKit } = require('@fleetscope/instrumentation/testing');
    ${body}`,
  // Both kinds in one process are one copy: a task begun in the one has its tool in the other.
  'mixed.mjs': `import { createRequire } from 'node:module';
    import { createServer } from 'node:http';
    import { agent, task, workflow } from '@fleetscope/instrumentation';
    import { domains } from '@fleetscope/instrumentation/catalog';
    const require = createRequire(import.meta.url);
    const { tool } = require('@fleetscope/instrumentation');
    const { createTestKit } = require('@fleetscope/instrumentation/testing');
    ${body}`,
};

/** Every span under its parent, outermost first: `['GET', 'workflow.execute', …]` where there is one branch. */
function branch({ spans }: Receiver): string[] {
  const names: string[] = [];
  for (let parent = ''; ; ) {
    const [span, ...others] = spans.filter(({ parentSpanId }) => parentSpanId === parent);
    if (!span) return names;
    expect(others).toEqual([]);
    names.push(span.name);
    parent = span.spanId;
  }
}

describe.each([
  ['the Node that runs the tests', 'alone', () => Promise.resolve(process.execPath)],
  [`Node ${oldestNode}`, 'oldest', () => nodeOf(oldestNode)],
] as const)('I01 installed into an empty project, under %s', (_, name, findNode) => {
  let host: Host;
  let node: string;
  beforeAll(async () => {
    node = await findNode();
    host = createHost(join(await project(name, [], node), 'node_modules'));
    for (const [main, text] of Object.entries(programs)) host.write(main, text);
    host.write('kit.mjs', kit);
  });
  afterAll(() => host.remove());

  const cases = [
    ['fleet.mjs', '--import'],
    ['fleet.cjs', '--require'],
    ['mixed.mjs', '--import'],
  ] as const;

  test.concurrent.each(cases)(
    'I01 %s with %s is one trace: request > workflow > agent > task > tool',
    async (main, preload) => {
      await withReceiver(async (receiver, env) => {
        const [alone, ended] = await Promise.all([
          host.run(main, { node, preloads: [] }),
          host.run(main, { node, preloads: [preload], env }),
        ]);
        const stdout = JSON.stringify({ answer: 'written', tool: 'tool.calls', kit: 'function' });
        expect(alone).toMatchObject({ code: 0, stdout, stderr: '' });
        expect(ended).toMatchObject({ code: 0, stdout, stderr: '', warnings: [] });
        expect(branch(receiver)).toEqual([
          'GET',
          'GET',
          'workflow.execute',
          'agent.execute',
          'task.execute',
          'execute_tool write_file',
        ]);
        expect(new Set(receiver.spans.map(({ traceId }) => traceId)).size).toBe(1);
        expect(receiver.resource).toMatchObject({ 'service.name': 'shop', 'service.version': '1.2.3' });
        expect(receiver.metrics).toMatchObject({ 'agent.tasks.started': 1, 'http.server.request.duration': 1 });
      });
    },
  );

  test.concurrent('I01 the kit for tests keeps what the fleet API records, without a preload', async () => {
    const ended = await host.run('kit.mjs', { node, preloads: [] });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toEqual({ names: ['task.execute'], started: 1 });
  });
});

const kit = `
import { task } from '@fleetscope/instrumentation';
import { createTestKit } from '@fleetscope/instrumentation/testing';
const kit = createTestKit();
await task({ type: 'plan', agent: 'director' }, async () => {});
const [point] = await kit.points('agent.tasks.started');
process.stdout.write(JSON.stringify({ names: kit.spans().map(({ name }) => name), started: point.value }));
await kit.stop();`;
