/** Services that only expose /metrics: whoever drops a file with their addresses into a folder has them scraped. (P11) */
import type { Place } from '../place.ts';
import { intervalSeconds } from '../stack.ts';

/** The job of those that are asked every 15 s, and of those whose answer takes its time or costs requests elsewhere. */
export const targetJobs = { services: 'services', slow: 'services-slow' } as const;

/** Where the files are: for each job a folder. Prometheus sees them come, change and go by itself. */
export function targetFolders(place: Place): Record<keyof typeof targetJobs, string> {
  const folder = { compose: '/etc/prometheus/scrape', kubernetes: '/etc/fleetscope/scrape', native: '../scrape' }[
    place.kind
  ];
  return { services: `${folder}/targets`, slow: `${folder}/slow` };
}

export function targetScrapes(place: Place) {
  const folders = targetFolders(place);
  return [
    scrape(targetJobs.services, folders.services, intervalSeconds.scrape, 10),
    scrape(targetJobs.slow, folders.slow, intervalSeconds.slowScrape, 25),
  ];
}

function scrape(job: string, folder: string, everySeconds: number, timeoutSeconds: number) {
  return {
    job_name: job,
    scrape_interval: `${everySeconds}s`,
    scrape_timeout: `${timeoutSeconds}s`,
    // Many exporters do not say what they answer in.
    fallback_scrape_protocol: 'PrometheusText0.0.4',
    file_sd_configs: [
      {
        files: ['yml', 'yaml', 'json'].map((extension) => `${folder}/*.${extension}`),
        // A change is seen at once; so often it looks by itself, and counts again what it cannot read.
        refresh_interval: '1m',
      },
    ],
    // A service that makes a series for each user loses its own scrape, and takes nothing from the others.
    sample_limit: 20_000,
    target_limit: 500,
    body_size_limit: '32MB',
    label_limit: 60,
    label_name_length_limit: 200,
    label_value_length_limit: 1000,
    relabel_configs: [
      // Whose metrics they are, where the file does not say it: the name of the file.
      {
        source_labels: ['service_name', '__meta_filepath'],
        separator: ';',
        regex: ';.*/([^/]+)\\.(?:yml|yaml|json)',
        target_label: 'service_name',
      },
    ],
  };
}
