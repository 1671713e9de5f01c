/** `waterfall <id>`: where a run's time and money went, drawn. */
import { type Bar, type Category, type Share, type Waterfall, waterfall } from '../analysis/waterfall.ts';
import { count, duration, money, oneLine, share } from '../words.ts';
import type { Command, Screen } from './command.ts';
import { findRun, noRun } from './find-run.ts';
import { text, wholeNumber } from './options.ts';
import { runOf } from './run-of.ts';

const defaultBars = 40;
/** Of the critical path. */
const mostStretches = 10;
const labelWidth = 44;
/** So wide is the least that still shows what comes after what. */
const leastBarWidth = 12;

const styles: Record<Category, 'green' | 'magenta' | 'cyan' | 'yellow' | 'blue' | 'red' | 'dim'> = {
  model: 'magenta',
  tool: 'cyan',
  agent: 'green',
  queue: 'blue',
  human: 'yellow',
  retry: 'red',
  idle: 'dim',
};

export const drawWaterfall: Command = {
  usage: 'waterfall <id>',
  description: 'where the time and the money of a run went, with what decided how long it took',
  options: [['--limit <n>', `the n longest parts; default: ${defaultBars}`]],
  async run(given) {
    const { ledger, args, options, now } = given;
    const [id = ''] = args;
    const limit = wholeNumber('--limit', text(options, 'limit') ?? `${defaultBars}`, 10_000);
    const run = await findRun(ledger, id);
    if (!run) throw noRun(id);
    const seen = waterfall(await runOf(ledger, run), run.status === 'running' ? now : undefined);
    return { json: seen, text: waterfallText(seen, limit, given.screen) };
  },
};

function waterfallText(seen: Waterfall, limit: number, screen: Screen): string {
  const { session_id, running, duration_ms, cost_micro_usd, unpriced_calls } = seen;
  const took = `${duration(duration_ms)}${running ? ' so far' : ''}`;
  const heading = `${oneLine(session_id)}: ${took}, ${money(cost_micro_usd, unpriced_calls)}`;
  const left = seen.bars.length - limit;
  const parts = [
    screen.paint('bold', heading),
    bars(seen, limit, screen) +
      (left > 0 ? `\n${count(left, 'shorter part')} left out: --limit ${seen.bars.length} shows all` : ''),
    shares('SPENT ON', seen.categories.filter(isSpent), seen, screen),
    ...[shares('MODEL', seen.models, seen, screen), shares('TOOL', seen.tools, seen, screen)],
    ...[shares('AGENT', seen.agents, seen, screen), pathRows(seen, screen), handOffRows(seen, screen)],
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The longest parts, in their order; drawn to scale at a terminal. */
export function bars({ bars: all, duration_ms }: Waterfall, limit: number, screen: Screen): string {
  const longest = new Set([...all].sort((one, other) => other.duration_ms - one.duration_ms).slice(0, limit));
  const shown = all.filter((bar) => longest.has(bar));
  const cells = shown.map((bar) => [
    cut(`${'  '.repeat(bar.depth)}${oneLine(bar.name)}`, labelWidth),
    `${duration(bar.duration_ms)}${bar.running ? ' …' : ''}`,
    money(bar.cost_micro_usd),
  ]);
  const taken = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const width = Math.min(100, screen.width - taken.reduce((sum, one) => sum + one + 2, 0) - 1);
  // Where nobody looks, numbers say it better.
  const head = ['PART', ...(width < leastBarWidth || width === Infinity ? [] : ['']), 'TOOK', 'COST'];
  if (!Number.isFinite(screen.width) || width < leastBarWidth) {
    const plain = shown.map((bar, row) => [...(cells[row] as string[]), duration(bar.offset_ms), bar.category]);
    return screen.table([['PART', 'TOOK', 'COST', 'BEGAN AT', 'SPENT ON'], ...plain]);
  }
  const rows = shown.map((bar, row) => {
    const [label, took, cost] = cells[row] as [string, string, string];
    return [bar.failed ? screen.paint('red', label) : label, line(bar, duration_ms, width, screen), took, cost];
  });
  const both = seenIn(shown);
  return `${screen.table([head, ...rows])}${both ? `\n${screen.paint('dim', both)}` : ''}`;
}

/** What the strokes mean, where there are both. */
function seenIn(shown: readonly Bar[]): string {
  const isOn = ({ path_ms }: Bar) => path_ms > 0;
  return shown.some(isOn) && !shown.every(isOn) ? '█ the end waited for it  ░ it ran beside' : '';
}

/** `█` where the end of the run waited for it, `░` where it ran beside. */
function line(bar: Bar, wholeMs: number, width: number, screen: Screen): string {
  const scale = wholeMs > 0 ? width / wholeMs : 0;
  const from = Math.max(0, Math.min(width - 1, Math.floor(bar.offset_ms * scale)));
  const until = Math.max(from + 1, Math.min(width, Math.round((bar.offset_ms + bar.duration_ms) * scale)));
  const stroke = (bar.path_ms > 0 ? '█' : '░').repeat(until - from);
  return ' '.repeat(from) + screen.paint(styles[bar.category], stroke) + ' '.repeat(width - until);
}

function shares(title: string, all: readonly Share[], { duration_ms }: Waterfall, screen: Screen): string {
  if (all.length === 0) return '';
  return screen.table([
    [title, 'TIMES', 'OF THE RUN', '', 'ALTOGETHER', 'COST'],
    ...all.map(({ name, calls, path_ms, busy_ms, cost_micro_usd }) => [
      oneLine(name),
      `${calls}`,
      duration(path_ms),
      duration_ms > 0 ? share(path_ms / duration_ms) : '-',
      duration(busy_ms),
      money(cost_micro_usd),
    ]),
  ]);
}

function isSpent({ calls, path_ms }: Share): boolean {
  return calls > 0 || path_ms > 0;
}

/** The longest stretches, in their order. */
function pathRows({ critical_path }: Waterfall, screen: Screen): string {
  if (critical_path.length === 0) return '';
  const longest = new Set([...critical_path].sort((a, b) => b.duration_ms - a.duration_ms).slice(0, mostStretches));
  const left = critical_path.length - longest.size;
  const table = screen.table([
    ['CRITICAL PATH', 'BEGAN AT', 'TOOK', 'AGENT', 'SPENT ON'],
    ...critical_path
      .filter((part) => longest.has(part))
      .map(({ name, agent, category, offset_ms, duration_ms }) => [
        cut(oneLine(name), labelWidth),
        duration(offset_ms),
        duration(duration_ms),
        oneLine(agent),
        screen.paint(styles[category], category),
      ]),
  ]);
  return left > 0 ? `${table}\n${count(left, 'shorter stretch', 'shorter stretches')} left out: --json has all` : table;
}

function handOffRows({ hand_offs }: Waterfall, screen: Screen): string {
  if (hand_offs.length === 0) return '';
  return screen.table([
    ['FROM', 'TO', 'TIMES', 'WAITED', 'WORKED', 'FAILED'],
    ...hand_offs.map(({ from, to, times, wait_ms, work_ms, failed }) => [
      ...[oneLine(from), oneLine(to), `${times}`, duration(wait_ms), duration(work_ms)],
      failed === 0 ? '-' : screen.paint('red', `${failed}`),
    ]),
  ]);
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
