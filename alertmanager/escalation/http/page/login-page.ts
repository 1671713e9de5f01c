import { html } from './html.ts';
import { layout } from './layout.ts';

/** `next`: the incident that somebody wanted to see. */
export function loginPage(given: { root: string; next?: string | undefined; name?: string; problem?: string }): string {
  const { root, next, name = '', problem } = given;
  return layout({
    title: 'Log in',
    root,
    body: html`<section class="card narrow">
<h1>Log in to see incidents</h1>
${problem && html`<p class="alarm" role="alert">${problem}</p>`}
<form method="post" action="${root}incidents/login" class="stack">
${next && html`<input type="hidden" name="next" value="${next}">`}
<label for="name">Your name</label>
<input id="name" name="name" value="${name}" autocomplete="username" maxlength="80" required>
<p class="hint">It stands beside what you do.</p>
<label for="token">API token</label>
<input id="token" name="token" type="password" autocomplete="current-password" maxlength="200" required>
<p class="hint">The file secrets/escalation-api-token of the stack's home has it.</p>
<button class="primary wide">Log in</button>
</form>
</section>`,
  });
}

/**
 * Whoever comes by a link in a chat brings no cookie: SameSite=Strict. The same address, asked for by our own page, does.
 */
export function comeAgainPage(root: string): string {
  return layout({ title: 'Incidents', root, refreshSeconds: 0, body: html`<p class="empty muted">One moment.</p>` });
}
