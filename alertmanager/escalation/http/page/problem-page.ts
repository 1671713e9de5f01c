import { html } from './html.ts';
import { layout } from './layout.ts';

/** `Cannot …: what was seen. What to do.`, and the way to the incidents. */
export function problemPage(status: number, message: string, root: string): string {
  const [what = '', ...rest] = message.split(': ');
  return layout({
    title: what,
    root,
    body: html`<section class="card narrow">
<p class="eyebrow">${status}</p>
<h1>${what}</h1>
<p>${sentence(rest.join(': '))}</p>
<p class="actions"><a class="button" href="${root}incidents">All incidents</a></p>
</section>`,
  });
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
