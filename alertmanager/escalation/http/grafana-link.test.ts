import { expect, test } from 'vitest';
import { grafanaAddress, linkedTo } from './grafana-link.ts';
import { group, service, webhookHeaders } from './testing/service.ts';

const link = 'http://localhost:3003/d/agent?from=now-1h&to=now&var-agent=a%20b';

test('X01 the link of an alert leads to the Grafana that people reach', async () => {
  const grafanaUrl = grafanaAddress('https://grafana.example.org/fleet/');
  const here = service({ grafanaUrl });
  const payload = group({ alerts: [{ annotations: { summary: 's', dashboard_url: link } }] });
  const answer = await here.app.inject({ method: 'POST', url: '/alerts', headers: webhookHeaders, payload });
  const incident = await here.store.byId(answer.json().incidents[0]);
  expect(incident?.alerts[0]?.annotations).toEqual({
    summary: 's',
    dashboard_url: 'https://grafana.example.org/fleet/d/agent?from=now-1h&to=now&var-agent=a%20b',
  });
});

test('X01 without a Grafana elsewhere, and where a rule names a host itself, the link stays', () => {
  expect(linkedTo(undefined, { dashboard_url: link })).toEqual({ dashboard_url: link });
  for (const other of ['https://boards.example/d/1', 'not a link'])
    expect(linkedTo('https://grafana.example.org', { dashboard_url: other })).toEqual({ dashboard_url: other });
  expect(linkedTo('https://grafana.example.org', { summary: 's' })).toEqual({ summary: 's' });
});

test('X01 what is no address of HTTP is refused, with an example', () => {
  for (const text of ['grafana.example.org', 'javascript:alert(1)', ''])
    expect(() => grafanaAddress(text)).toThrow('FLEETSCOPE_GRAFANA_URL');
});

test.each(['?orgId=2', '/#top', '/?', '#'])('X01 an address with more than its beginning is refused: %s', (more) => {
  expect(() => grafanaAddress(`https://grafana.example.org${more}`)).toThrow('Leave these out');
});

test('X01 who logs in to Grafana stands in no link, and in no error', () => {
  const given = () => grafanaAddress('https://ada:s3cr3t@grafana.example.org');
  expect(given).toThrow('"https://grafana.example.org" was given with a user');
  expect(given).not.toThrow(/ada|s3cr3t/);
});
