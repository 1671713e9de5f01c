import type { Fleet } from './fleet.ts';

const depth = 400;
const everyMs = 500;

/** While `queue-backlog` is on: more notes wait for Research than it can keep up with, so that all else waits as well. */
export function keepBacklog(fleet: Fleet): void {
  const { crews, faults, stopping } = fleet;
  let timer: NodeJS.Timeout | undefined;
  let number = 0;
  const fill = () => {
    for (let missing = depth - crews.research.waiting(); missing > 0; missing -= 1) {
      number += 1;
      const text = `bulk import, record ${number}`;
      // Nobody waits for it: what becomes of it is the concern of Research, and seen there.
      crews.research.send({ type: 'note', text, retries: 0 }).catch(() => undefined);
    }
  };
  faults.watch('queue-backlog', (isOn) => {
    clearInterval(timer);
    if (!isOn) return;
    fill();
    timer = setInterval(fill, everyMs);
  });
  stopping.addEventListener('abort', () => clearInterval(timer));
}
