/** Renders the templates of alerts as Prometheus does, so that a proof can tell the exact text. The part of Go's that we use. */
import type { Labels } from './example-labels.ts';

/** @throws SyntaxError for what is no `$value`, `$labels.x` or a function of ours behind a `|`. */
export function render(template: string, labels: Labels, value: number): string {
  return template.replace(/\{\{\s*(.*?)\s*\}\}/g, (_, inside: string) => {
    const [subject = '', ...calls] = inside.split(/\s*\|\s*/);
    return String(calls.reduce<string | number>(apply, read(subject, labels, value)));
  });
}

function read(subject: string, labels: Labels, value: number): string | number {
  if (subject === '$value') return value;
  const [, label] = /^\$labels\.(\w+)$/.exec(subject) ?? [];
  if (label === undefined) throw new SyntaxError(`Cannot render "{{ ${subject} }}": write $value or $labels.<name>.`);
  return labels[label] ?? '';
}

function apply(value: string | number, call: string): string | number {
  const [, places] = /^printf "%\.(\d)f"$/.exec(call) ?? [];
  if (places !== undefined) return Number(value).toFixed(Number(places));
  if (!(call in functions)) {
    const known = Object.keys(functions).join(', ');
    throw new SyntaxError(`Cannot render "| ${call}": write one of ${known}, printf "%.2f".`);
  }
  return functions[call as keyof typeof functions](value as never);
}

const functions = {
  humanize: (value: number) => scaled(value, ''),
  humanizePercentage: (value: number) => `${general(value * 100)}%`,
  humanizeDuration: (value: number) => (Math.abs(value) >= 1 ? clock(value) : scaled(value, 's')),
  urlquery: (text: string) =>
    encodeURIComponent(text)
      .replaceAll('%20', '+')
      .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`),
};

/** Go's `%.4g`. */
function general(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const [digits = '', exponent = ''] = value.toExponential(3).split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 4) return String(Number(value.toPrecision(4)));
  return `${Number(digits)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** With a prefix, so that one to three digits stand before the point. */
function scaled(value: number, unit: string): string {
  let rest = value;
  let prefix = '';
  if (value === 0 || !Number.isFinite(value)) return general(value) + unit;
  for (const next of Math.abs(value) >= 1 ? 'kMGTPEZY' : 'munpfazy') {
    if (Math.abs(value) >= 1 ? Math.abs(rest) < 1000 : Math.abs(rest) >= 1) break;
    prefix = next;
    rest = Math.abs(value) >= 1 ? rest / 1000 : rest * 1000;
  }
  return `${general(rest)}${prefix}${unit}`;
}

/** 3661 → `1h 1m 1s`; below a minute with fractions. */
function clock(value: number): string {
  const sign = value < 0 ? '-' : '';
  const whole = Math.floor(Math.abs(value));
  const [days, hours, minutes, rest] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${rest}s`;
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${rest}s`;
  if (minutes > 0) return `${sign}${minutes}m ${rest}s`;
  return `${sign}${general(Math.abs(value))}s`;
}
