/** `npm run screenshots [-- --dashboard fleet --width 1600,420 --theme light --from now-1h]` */
import { join } from 'node:path';
import { Option } from 'commander';
import { columns } from '../engine/progress.ts';
import { runningPlace } from '../engine/running-place.ts';
import { progressOn } from '../examples/fleet/demo/progress.ts';
import { pictureRows, summary } from '../grafana/screenshots/print.ts';
import { screenshots, widthsIn } from '../grafana/screenshots/screenshots.ts';
import { url } from '../place.ts';
import { command, exit, main, wholeNumber } from './command.ts';
import { repository } from './twins.ts';

const options = command(
  'screenshots',
  'Open every dashboard of a running Grafana in a real browser, look at each panel, keep a picture.',
)
  .option('--grafana <url>', 'default: that of the running stack')
  .option('--dashboard <uid...>', 'these alone')
  .option('--out <folder>', 'where the pictures go, <uid>-<width>.webp', join(repository, 'docs', 'images'))
  .option('--width <pixels>', 'widths of the window, with commas between', '1600,420')
  .addOption(new Option('--theme <theme>').choices(['light', 'dark']).default('light'))
  .option('--from <time>', "beginning of the time range, e.g. now-1h; default: each dashboard's own")
  .option('--to <time>', 'its end, with --from', 'now')
  .option('--timeout <seconds>', 'how long a dashboard may take to come to rest', wholeNumber(1, 3_600), 90)
  .option('--json', 'for machines')
  .addHelpText(
    'after',
    `
The browser is a Chromium on PATH, or FLEETSCOPE_CHROMIUM. Closed rows are opened.
Exit 1: a panel shows an error, "No data" without a reason, nothing at all, a scroll bar, or did not come.`,
  )
  .parse()
  .opts<Given>();

interface Given extends Record<'out' | 'to' | 'width', string>, Partial<Record<'grafana' | 'from', string>> {
  dashboard?: string[];
  theme: 'light' | 'dark';
  timeout: number;
  json?: true;
}

await main(async () => {
  const progress = progressOn(process.stderr);
  const pictures = await screenshots({
    ...options,
    grafana: (options.grafana ?? url(runningPlace(process.env), 'grafana', 'http')).replace(/\/$/, ''),
    widths: widthsIn(options.width),
    timeoutMs: options.timeout * 1000,
    env: process.env,
    onProgress: progress.status,
  }).finally(progress.end);
  const forPeople = `${columns(pictureRows(pictures))}\n\n${summary(pictures, options.out)}`;
  console.log(options.json ? JSON.stringify(pictures) : forPeople);
  return pictures.some(({ findings }) => findings.length > 0) ? exit.findings : exit.ok;
});
