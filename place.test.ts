import { expect, test } from 'vitest';
import { address, compose, native, portSetting, portsFrom, url } from './place.ts';

test('P01 each port has one setting that moves it', () => {
  const place = native({ home: '/h', profile: 'laptop', portOf: portsFrom({ FLEETSCOPE_LOKI_HTTP: '3101' }) });
  expect(portSetting('loki', 'http')).toBe('FLEETSCOPE_LOKI_HTTP');
  expect(url(place, 'loki', 'http')).toBe('http://127.0.0.1:3101');
  expect(url(place, 'tempo', 'http')).toBe('http://127.0.0.1:3200');
});

test.each(['0', '65536', '3.5', 'three', '-1'])('P01 FLEETSCOPE_LOKI_HTTP=%s is refused by name', (text) => {
  expect(() => portsFrom({ FLEETSCOPE_LOKI_HTTP: text })).toThrow(`FLEETSCOPE_LOKI_HTTP="${text}"`);
});

test('P01 in containers a component is reached by its name', () => {
  expect(address(compose, 'tempo', 'otlp')).toBe('tempo:14317');
});
