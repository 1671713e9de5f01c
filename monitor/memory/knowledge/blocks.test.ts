import { describe, expect, test } from 'vitest';
import { merge, untouched } from './blocks.ts';

const memory = { name: 'MEMORY.md', heading: '# Memory' };
const blocks = (cost: string) => [
  { name: 'metrics', text: `Cost: ${cost}` },
  { name: 'issues', text: '- none' },
];
const first = merge(memory, undefined, blocks('$1.00')).text;
const again = (document: string, cost = '$2.00') => merge(memory, document, blocks(cost));

describe('M04 a document that people and the machine write together', () => {
  test('M04 is made, and made again the same to the byte', () => {
    expect(first).toMatch(
      /^# Memory\n\n<!-- fleetscope:begin metrics [\da-f]{12} -->\nCost: \$1\.00\n<!-- fleetscope:end metrics -->\n/,
    );
    expect(again(first, '$1.00').text).toBe(first);
    expect(again(again(first).text).text).toBe(again(first).text);
  });

  test('M04 keeps what people write around blocks, to the byte, and brings blocks up to date', () => {
    const edited = `Ours, before.\r\n${first.replace('# Memory\n', '# Memory\n\n  Ours, within.   \n')}`;
    const { text } = again(edited);
    expect(text).toContain('Ours, before.\r\n# Memory\n\n  Ours, within.   \n');
    expect(text).toContain('Cost: $2.00');
    expect(text).not.toContain('$1.00');
  });

  test('M04 keeps what people write inside a block, for good; emptied, it is the machine’s again', () => {
    const edited = first.replace('Cost: $1.00', 'Cost: about a dollar, says Ana');
    const { text, corrections } = again(edited);
    expect(text).toContain('begin metrics kept -->\nCost: about a dollar, says Ana\n');
    expect(corrections).toEqual([{ block: 'metrics', text: 'Cost: about a dollar, says Ana' }]);
    expect(again(text, '$3.00').text).toBe(text);
    expect(again(text.replace('Cost: about a dollar, says Ana\n', ''), '$3.00').text).toContain('Cost: $3.00');
  });

  test('M04 spaces at line ends and other line ends are no correction', () => {
    expect(again(first.replace('Cost: $1.00', 'Cost: $1.00  ').replaceAll('\n', '\r\n')).corrections).toEqual([]);
  });

  test('M04 a block that somebody took away stays away', () => {
    const without = first.replace(/<!-- fleetscope:begin metrics.*?end metrics -->\n/s, '');
    const { text, corrections } = again(without);
    expect(text).not.toContain('Cost:');
    expect(corrections).toEqual([{ block: 'metrics', text: '' }]);
    expect(again(text).text).toBe(text);
  });

  test('M04 a document that was lost is made with what people had corrected', () => {
    const { text } = merge(memory, undefined, blocks('$4.00'), [{ block: 'metrics', text: 'Ana knows' }]);
    expect(text).toContain('begin metrics kept -->\nAna knows\n');
  });

  test('M04 a document of people’s own gets the blocks at its end', () => {
    expect(again('# Ours\n\nText.\n').text).toMatch(/^# Ours\n\nText\.\n<!-- fleetscope:begin metrics/s);
  });

  test('M05 a new block comes before those that it is told before, wherever people moved them', () => {
    const fresh = [{ name: 'today', text: 'new' }, ...blocks('$1.00')];
    const { text } = merge(memory, first.replace('# Memory\n', '# Memory\n\nOurs.\n'), fresh);
    expect(text).toMatch(/Ours\.\n\n<!-- fleetscope:begin today .*end today -->\n\n<!-- fleetscope:begin metrics/s);
    expect(merge(memory, text, fresh).text).toBe(text);
  });

  test('M05 what the machine wrote can be told from what a person did', () => {
    expect(untouched('MEMORY.md', first).map(({ name }) => name)).toEqual(['metrics', 'issues']);
    expect(untouched('MEMORY.md', first.replace('$1.00', '$1.01')).map(({ name }) => name)).toEqual(['issues']);
  });

  test('M05 what is no longer generated goes, but not what a person wrote there', () => {
    const only = [{ name: 'issues', text: '- none' }];
    expect(merge(memory, first, only).text).not.toContain('metrics');
    expect(merge(memory, first.replace('$1.00', '$1.01'), only).text).toContain('$1.01');
  });

  test.each([
    [
      'an end is gone',
      first.replace('<!-- fleetscope:end metrics -->\n', ''),
      /line 6 begins "issues" inside "metrics", which began in line 3/,
    ],
    [
      'a begin is gone',
      first.replace(/<!-- fleetscope:begin metrics.*\n/, ''),
      /line 4 ends "metrics", which has not begun/,
    ],
    [
      'the last end is gone',
      first.replace('<!-- fleetscope:end issues -->\n', ''),
      /"issues", begun in line 7, does not end/,
    ],
    ['a block stands twice', `${first}${first}`, /begins "metrics" a second time/],
  ])('M04 nothing is guessed where %s', (_, document, words) => {
    expect(() => again(document)).toThrow(words);
    expect(() => again(document)).toThrow(
      /^Cannot write MEMORY\.md: .*Put the marker back, or take the whole block away\.$/,
    );
  });
});
