/** `node --import @fleetscope/instrumentation/register main.ts`: the fleet as a process, which is told what to do by IPC. */
import { controlServer } from '@fleetscope/instrumentation';
import type { Counted } from './counts.ts';
import type { Fleet, Settings } from './fleet.ts';
import type { FleetFault } from './fleet-faults.ts';
import { openFrontDoor } from './front-door.ts';
import { logger } from './logger.ts';
import { openFleet } from './open-fleet.ts';
import { Reception } from './reception.ts';

/** What it tells its parent. */
export type FromFleet =
  | { kind: 'ready'; url: string; control: { url: string } }
  | { kind: 'progress'; active: number; counted: Counted }
  | { kind: 'ended'; counted: Counted };

/** What it is told. `controlToken`: who knows it may steer the fleet. `end`: finish what is under way, in so many ms at most. */
export type ToFleet =
  | { kind: 'start'; settings: Settings; controlToken: string }
  | { kind: 'faults'; on: FleetFault[] }
  | { kind: 'end'; graceMs: number };

interface Running {
  fleet: Fleet;
  reception: Reception;
  /** Ends it, in so many ms at most. Asked again, the shorter time counts. */
  end(graceMs: number): Promise<void>;
}

const progressMs = 500;
let running: Promise<Running> | undefined;

process.on('message', async (message: ToFleet) => {
  if (message.kind === 'start') running = start(message.settings, message.controlToken);
  const { fleet, end } = (await running) ?? {};
  if (message.kind === 'end') await end?.(message.graceMs);
  if (message.kind === 'faults') {
    console.info(message.on.length > 0 ? `faults on: ${message.on.join(', ')}` : 'no more faults');
    fleet?.faults.set(message.on);
  }
});
// Ctrl-C reaches the whole terminal: the parent decides. Without a parent there is nobody to work for.
process.on('SIGINT', () => undefined);
for (const event of ['SIGTERM', 'disconnect']) process.once(event, async () => (await running)?.end(0));

async function start(settings: Settings, token: string): Promise<Running> {
  const fleet = await openFleet(settings);
  const reception = new Reception(fleet);
  const door = await openFrontDoor(reception, fleet.counts);
  const control = await controlServer(fleet.control, { token });
  const progress = setInterval(
    () => tell({ kind: 'progress', active: reception.active, counted: fleet.counts.report() }),
    progressMs,
  );
  logger.info('the fleet is at work');
  tell({ kind: 'ready', url: door.url, control: { url: control.url } });

  const callOff = () => {
    reception.clear();
    fleet.stop();
  };
  let ending: Promise<void> | undefined;
  async function end(): Promise<void> {
    fleet.faults.set([]);
    // What a paused fleet was told not to do, it does not do because it ends.
    if (fleet.control.paused) reception.clear();
    await reception.empty();
    clearInterval(progress);
    await control.close();
    fleet.close();
    reception.close();
    door.close();
    logger.info('the fleet has ended');
    tell({ kind: 'ended', counted: fleet.counts.report() });
    if (process.connected) process.disconnect();
  }
  return {
    fleet,
    reception,
    end(graceMs) {
      setTimeout(callOff, graceMs).unref();
      ending ??= end();
      return ending;
    },
  };
}

function tell(message: FromFleet): void {
  if (process.connected) process.send?.(message);
}
