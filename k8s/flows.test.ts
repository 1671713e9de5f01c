import { expect, test } from 'vitest';
import { kubernetes } from '../place.ts';
import { type Component, components, parts } from '../stack.ts';
import { configs } from './configs.ts';
import { flowsOf } from './flows.ts';
import { single } from './size.ts';
import { programs } from './workloads.ts';

const place = kubernetes(single);

/** `from → to:port` for every address of another component in what a component is configured with. */
function configured(): string[] {
  const texts = new Map<Component, string>(
    components.map((component) => [component, JSON.stringify(programs(place)[component])]),
  );
  for (const [name, config] of Object.entries(configs(place))) {
    const component = name.split('-')[0] as Component;
    texts.set(component, `${texts.get(component)} ${JSON.stringify(config)}`);
  }
  const found = [...texts].flatMap(([from, text]) =>
    [...text.matchAll(/\b([a-z]+):(\d{4,5})\b/g)].flatMap(([, host, port]) =>
      host !== from && components.includes(host as Component) ? [`${from} → ${host}:${port}`] : [],
    ),
  );
  return [...new Set(found)].sort();
}

test('P03 the network policies allow what is configured, and nothing else', () => {
  const allowed = flowsOf(place).flatMap(({ from, to, ports }) =>
    ports.map((port) => `${from} → ${to}:${(parts[to].ports as Record<string, number>)[port]}`),
  );
  expect(new Set(allowed).size, 'a flow stands there twice').toBe(allowed.length);
  expect(allowed.sort()).toEqual(configured());
});
