import { styleText } from 'node:util';
import type { Picture } from './screenshots.ts';

/** A row per picture. */
export function pictureRows(pictures: readonly Picture[]): string[][] {
  return [
    ['DASHBOARD', 'PIXELS', 'PANELS', 'KB', 'SECONDS', ''],
    ...pictures.map(({ uid, width, height, panels, bytes, ms, findings }) => [
      uid,
      `${width} × ${height}`,
      String(panels),
      (bytes / 1024).toFixed(0),
      (ms / 1000).toFixed(1),
      findings.length > 0 ? styleText('red', `${findings.length} findings`) : '',
    ]),
  ];
}

export function summary(pictures: readonly Picture[], out: string): string {
  const findings = pictures.flatMap((picture) => picture.findings);
  const megabytes = pictures.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20;
  return [
    ...findings.map((finding) => `${styleText('red', 'FAIL')}  ${finding}`),
    `${pictures.length} pictures in ${out}, ${megabytes.toFixed(1)} MiB. ${
      findings.length > 0 ? styleText('red', `Findings: ${findings.length}.`) : styleText('green', 'No finding.')
    }`,
  ].join('\n');
}
