/** One alert, one remedy, one message … of an incident's page. What is long is cut: the API has it all. */

import type { Instant } from '../../clock.ts';
import type { Delivery, HookRun, Incident, SeenAlert } from '../../incident/incident.ts';
import type { AuditRecord } from '../../store/store.ts';
import { type Html, html, webAddress } from './html.ts';
import { when } from './words.ts';

const mostLabels = 12;

export function alertItem({ labels, annotations, status, startsAt, endsAt }: SeenAlert, now: Instant): Html {
  const { summary, description } = annotations;
  const addresses = { Runbook: annotations.runbook_url, Dashboard: annotations.dashboard_url };
  const links = Object.entries(addresses).flatMap(([words, address]) => {
    const safe = webAddress(address);
    return safe ? [html`<a href="${safe}" rel="noreferrer">${words}</a>`] : [];
  });
  const shown = Object.entries(labels).filter(([name]) => !['alertname', 'severity', 'team'].includes(name));
  return html`<li>
<p class="line"><b>${labels.alertname ?? 'Alert'}</b><span class="muted">${status === 'firing' ? html`began ${when(startsAt, now)}` : html`over${endsAt !== undefined && html` ${when(endsAt, now)}`}`}</span></p>
${summary && html`<p>${clipped(summary)}</p>`}
${description && html`<p class="muted">${clipped(description)}</p>`}
${links.length > 0 && html`<p class="goto">${links}</p>`}
${shown.length > 0 && html`<ul class="labels">${shown.slice(0, mostLabels).map(([name, value]) => html`<li>${clipped(name, 80)} <b>${clipped(value, 80)}</b></li>`)}</ul>`}
</li>`;
}

/** With its two buttons, where it waits for a yes. */
export function remedyItem(root: string, id: string, run: HookRun, now: Instant): Html {
  const { key, hook, parameters, state, dryRun, createdAt, approvedBy, result } = run;
  const here = `${root}incidents/${id}/hooks/${key.split('/').at(-1)}`;
  const given = Object.entries(parameters).map(([name, value]) => `${name} ${value}`);
  return html`<li>
<p class="line"><b>${hook}</b><span class="muted">${remedyWords[state]}${dryRun && ', dry run'}${approvedBy && `, approved by ${approvedBy}`}, ${when(createdAt, now)}</span></p>
${given.length > 0 && html`<p class="muted">${clipped(given.join(', '))}</p>`}
${result && html`<p>${clipped(result)}</p>`}
${
  state === 'proposed' &&
  html`<div class="actions yesno">
<form method="post" action="${here}/approve"><button class="primary">Do it</button></form>
<form method="post" action="${here}/refuse"><button>Leave it</button></form>
</div>`
}
</li>`;
}

const remedyWords: Record<HookRun['state'], string> = {
  proposed: 'waits for a yes',
  waiting: 'about to start',
  running: 'running',
  done: 'done',
  failed: 'failed',
  refused: 'not done',
};

export function noteItem({ at, by, text }: Incident['notes'][number], now: Instant): Html {
  return html`<li><p class="note">${clipped(text, 1000)}</p><p class="muted">${by}, ${when(at, now)}</p></li>`;
}

export function deliveryItem(delivery: Delivery, now: Instant): Html {
  const { message, channel, person, state, sentAt, attemptAt, attempts, reason } = delivery;
  const words = {
    waiting:
      attemptAt > now ? html`${attempts > 0 ? 'tried again' : 'sent'} ${when(attemptAt, now)}` : html`about to be sent`,
    sending: html`being sent`,
    sent: html`sent ${sentAt !== undefined && when(sentAt, now)}`,
    failed: html`<span class="alarm">not sent</span>`,
  }[state];
  return html`<li><p class="line"><span><b>${person ? `${person} by ${channel}` : channel}</b> <span class="muted">${message}</span></span><span class="muted">${words}${attempts > 1 && `, ${attempts} tries`}</span></p>
${state !== 'sent' && reason && html`<p class="muted">${clipped(reason)}</p>`}</li>`;
}

export function trailItem({ at, who, what, why, data }: AuditRecord, now: Instant): Html {
  const whom = [data?.tell ?? data?.to ?? data?.hook ?? data?.person ?? []]
    .flat()
    .filter((one) => typeof one === 'string');
  return html`<li><p><b>${who}</b> ${what}${whom.length > 0 && `: ${clipped(whom.join(', '), 120)}`}</p><p class="muted">${when(at, now)}${why && ` · ${clipped(why)}`}</p></li>`;
}

function clipped(text: string, length = 300): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
