import { expect, test } from 'vitest';
import { html, webAddress } from './html.ts';
import { rootOf } from './layout.ts';
import { spoken, utc, when } from './words.ts';

test('X02 what an alert says stays text', () => {
  const evil = `<script>alert('"&')</script>`;
  const safe = '&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;';
  expect(`${html`<p title="${evil}">${[evil, html`<b>${evil}</b>`]}</p>`}`).toBe(
    `<p title="${safe}">${safe}<b>${safe}</b></p>`,
  );
  expect(`${html`${undefined}${null}${false}${0}${''}`}`).toBe('0');
});

test('X02 a link of an alert leads to the web or nowhere', () => {
  expect(webAddress('https://runbooks.example/a?b#c')).toBe('https://runbooks.example/a?b#c');
  for (const bad of ['javascript:alert(1)', 'JAVASCRIPT:alert(1)', ' data:text/html,x', '/a', '', undefined])
    expect(webAddress(bad)).toBeUndefined();
});

test('X02 times are said as people say them', () => {
  const minute = 60_000;
  expect([0, 999, 45_000, 12.9 * minute, 65 * minute, 5 * 60 * minute, 50 * 60 * minute].map(spoken)).toEqual([
    ...['0 s', '0 s', '45 s', '12 min', '1 h 5 min', '5 h', '2 d 2 h'],
  ]);
  const now = Date.UTC(2026, 10, 26, 9, 30);
  expect([now - minute, now + minute, now].map((at) => when(at, now).text.replace(/<[^>]*>/g, ''))).toEqual([
    ...['1 min ago', 'in 1 min', 'now'],
  ]);
  expect(utc(now)).toBe('26 Nov 09:30 UTC');
});

test('X02 every page knows the way home, whatever a proxy puts before it', () => {
  expect(['/incidents', '/incidents?a=/b', '/incidents/x', '/links/a/b', '/'].map(rootOf)).toEqual([
    ...['./', './', '../', '../../', './'],
  ]);
});
