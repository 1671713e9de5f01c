/** A message as a mail: plain text, and the same as simple HTML. */
import type { Message } from './channel.ts';
import { colourOf, oneLine, plain, shorten, type Text, textOf } from './text.ts';

/** @param domain Of the sender, for the Message-ID. */
export function mailOf(message: Message, domain: string) {
  const text = textOf(message);
  const messageId = messageIdOf(message.key, domain);
  const { incident, kind, reference } = message;
  const word = kind === 'resolved' || kind === 'acknowledged' ? kind : incident.severity;
  return {
    /** From the delivery's key: what is sent twice has the same, and mail programs show it once. (RFC 5322 3.6.4) */
    messageId,
    subject: shorten(oneLine(`[${word}] ${incident.title}`), 200),
    text: plainText(text),
    html: html(text, `#${colourOf(message).toString(16).padStart(6, '0')}`),
    ...(reference && reference !== messageId && { inReplyTo: reference, references: [reference] }),
    ...(incident.severity === 'critical' && kind !== 'resolved' && { priority: 'high' as const }),
    headers: {
      // No out-of-office replies. (RFC 3834)
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'X-Fleetscope-Delivery': oneLine(message.key),
    },
  };
}

function messageIdOf(key: string, domain: string): string {
  return `<${key.replace(/[^\w-]+/g, '.')}@${domain}>`;
}

function plainText({ title, summary, facts, alerts, links, labels, key }: Text): string {
  const paragraphs = [
    title,
    summary,
    facts.map((fact) => `${fact.name}: ${plain(fact)}`).join('\n'),
    alerts.map((line) => `- ${line}`).join('\n'),
    links.map(({ name, url }) => `${name}: ${url}`).join('\n'),
    [...labels, key].join('\n'),
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`;
}

/** Tables and styles at each element: what mail programs show alike. */
function html({ title, summary, facts, alerts, links, labels, key }: Text, colour: string): string {
  const rows = facts.map(
    (fact) =>
      `<tr><td style="padding:2px 16px 2px 0;color:#667085">${escapeHtml(fact.name)}</td><td>${escapeHtml(plain(fact))}</td></tr>`,
  );
  const buttons = links.map(({ name, url, primary }) => {
    const look = primary ? 'background:#101828;color:#ffffff' : 'color:#1849a9;border:1px solid #d0d5dd';
    return `<a href="${escapeHtml(url)}" style="display:inline-block;margin:0 8px 8px 0;padding:10px 16px;border-radius:6px;text-decoration:none;${look}">${escapeHtml(name)}</a>`;
  });
  return [
    '<div style="font:16px/1.5 sans-serif;max-width:600px">',
    `<h2 style="margin:0 0 12px;padding-left:12px;border-left:6px solid ${colour}">${escapeHtml(title)}</h2>`,
    summary ? `<p style="white-space:pre-line">${escapeHtml(summary)}</p>` : '',
    `<table style="border-collapse:collapse;margin:0 0 16px">${rows.join('')}</table>`,
    alerts.length > 0 ? `<ul>${alerts.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>` : '',
    `<p>${buttons.join('')}</p>`,
    `<p style="color:#667085;font-size:13px">${[...labels, key].map(escapeHtml).join(' · ')}</p>`,
    '</div>',
  ].join('\n');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
