import { Html, html } from './html.ts';
import { style } from './style.ts';

/** The way up from an address to ours: whatever a proxy puts before it, links lead home. */
export function rootOf(url: string): string {
  const { length } = url.split(/[?#]/)[0]?.split('/') ?? [];
  return '../'.repeat(Math.max(0, (length ?? 2) - 2)) || './';
}

const mark = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="12" fill="none" stroke="#3b6fd4" stroke-width="5"/><circle cx="16" cy="16" r="4" fill="#3b6fd4"/></svg>',
)}`;

/** A whole page. `who`: whoever is logged in. */
export function layout(page: {
  title: string;
  root: string;
  body: Html;
  who?: string | undefined;
  refreshSeconds?: number;
}): string {
  const { title, root, body, who, refreshSeconds } = page;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refreshSeconds !== undefined && html`<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${title}</title>
<link rel="icon" href="${mark}">
<style>${new Html(style)}</style>
</head>
<body>
<header class="top">
<a class="home" href="${root}incidents"><span class="mark" aria-hidden="true"></span>Incidents</a>
${
  who !== undefined &&
  html`<form method="post" action="${root}incidents/logout"><span class="who">${who}</span> <button class="quiet">Log out</button></form>`
}
</header>
<main>
${body}
</main>
</body>
</html>
`.text;
}
