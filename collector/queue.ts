/** Where a Collector keeps what it has acknowledged until it is delivered: on disk, a queue for each exporter. (P02) */
import type { Place } from '../place.ts';
import { disks, type Part, sendersPerQueue } from '../stack.ts';

/** The extension of that name, which every queue stores in. */
export function queueFiles(place: Place, part: Part) {
  const directory = `${place.data(part)}/queue`;
  return {
    directory,
    create_directory: true,
    // A process that is killed keeps what the page cache has; only a power cut loses unsynced writes.
    fsync: false,
    // After a power cut a broken file is set aside as *.backup, so that the Collector comes up.
    recreate: true,
    compaction: { on_start: true, on_rebound: true, directory, cleanup_on_start: true },
  };
}

/** No `batch` processor: it would acknowledge what only memory holds. The queue is on disk and never gives up. */
export function durable(place: Place, maxItems: number) {
  return {
    timeout: '10s',
    sending_queue: {
      storage: 'file_storage/queue',
      sizer: 'bytes',
      queue_size: queueBytes(place),
      num_consumers: sendersPerQueue,
      batch: { flush_timeout: '200ms', sizer: 'items', min_size: Math.min(1000, maxItems), max_size: maxItems },
    },
    retry_on_failure: { initial_interval: '1s', max_interval: '10s', max_elapsed_time: 0 },
  };
}

/** Compose has one file for every profile: there `up` names another in the environment. */
function queueBytes(place: Place): number | string {
  const bytes = disks[place.profile].queue * 1024 * 1024;
  return place.kind === 'compose' ? `\${env:${queueSetting}:-${bytes}}` : bytes;
}

/** The variable, in bytes. */
export const queueSetting = 'FLEETSCOPE_COLLECTOR_QUEUE_BYTES';
