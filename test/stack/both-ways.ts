/** A program whose run is told both ways: by calls to the ledger of its home, by spans to the Collector. `both-ways.ts <session>` */
import { trace } from '@opentelemetry/api';
import { getMonitor } from '../../monitor/get-monitor.ts';

const [session = ''] = process.argv.slice(2);
const monitor = getMonitor({ strict: true });
const orchestrationId = monitor.startOrchestration({ sessionId: session, taskDescription: 'Both ways', totalTasks: 2 });
for (const [i, agentName] of ['backend-agent', 'qa-agent'].entries()) {
  const agentSessionId = `${session}-${i}`;
  monitor.startAgentExecution({ agentSessionId, agentName, orchestrationId, taskNumber: i + 1 });
  monitor.within(agentSessionId, () => {
    const call = trace.getTracer('test').startSpan('chat m-1', {
      attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm-1', 'gen_ai.usage.input_tokens': 100 },
    });
    call.end();
  });
  monitor.completeAgentExecution({ agentSessionId, status: 'completed', filesCreated: i });
}
monitor.completeOrchestration({ sessionId: session, status: 'completed', completedTasks: 2, failedTasks: 0 });
