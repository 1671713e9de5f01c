import type { Instant } from '../../clock.ts';
import type { Incident } from '../../incident/incident.ts';
import type { LinkAction } from '../links.ts';
import { html } from './html.ts';
import { badge, situation } from './incident-parts.ts';
import { layout } from './layout.ts';

const words = {
  acknowledge: {
    button: 'I have it',
    question: 'Do you take this incident?',
    effect: 'Nobody else is called then, unless it lasts.',
  },
  resolve: { button: 'It is over', question: 'Is this incident over?', effect: 'Everybody who was told is told so.' },
} as const satisfies Record<LinkAction, unknown>;

/** Asks before it does anything. */
export function confirmPage(given: {
  root: string;
  incident: Incident;
  action: LinkAction;
  /** Whom the message was for. */
  name: string;
  now: Instant;
}): string {
  const { root, incident, action, name, now } = given;
  const { button, question, effect } = words[action];
  return layout({
    title: question,
    root,
    body: html`<section class="card narrow ${incident.severity}">
<p class="eyebrow">${question}</p>
<h1>${incident.title}</h1>
<p class="facts">${badge(incident.severity)} ${situation(incident, now)}</p>
<form method="post" class="stack">
<label for="name">Your name</label>
<input id="name" name="name" value="${name}" autocomplete="name" maxlength="80" required>
<p class="hint">${effect} The link works once.</p>
<button class="primary wide">${button}</button>
</form>
</section>`,
  });
}

export function donePage({ root, incident, now }: { root: string; incident: Incident; now: Instant }): string {
  return layout({
    title: 'Done',
    root,
    body: html`<section class="card narrow ${incident.severity}">
<p class="eyebrow done">Done</p>
<h1>${incident.title}</h1>
<p class="facts">${badge(incident.severity)} ${situation(incident, now)}</p>
<p class="actions"><a class="button" href="${root}incidents/${incident.id}">Open the incident</a></p>
</section>`,
  });
}
