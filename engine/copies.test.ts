import { expect, test } from 'vitest';
import { native, portSettings } from '../place.ts';
import { copiesOf } from './copies.ts';

const place = native({
  home: '/home',
  profile: 'laptop',
  portOf: (setting) => portSettings.get(setting)?.default as number,
});
const of = (env: NodeJS.ProcessEnv) => copiesOf(env, place, (name) => `/home/config/${name}`);

test('P11 one variable makes a second backend, none makes none', () => {
  expect(of({})).toEqual({ args: [], env: {}, files: {} });
  const { args, env, files } = of({ FLEETSCOPE_SECOND_OTLP_ENDPOINT: 'https://otlp.example.com' });
  expect(args).toEqual(['--config=/home/config/second.yaml']);
  expect(env).toEqual({ FLEETSCOPE_SECOND_OTLP_ENDPOINT: 'https://otlp.example.com' });
  expect(Object.keys(files)).toEqual(['/home/config/second.yaml', '/home/config/no-headers.yaml']);
});

test('P11 its headers are a file that the Collector reads, never a text in its configuration', () => {
  const { files } = of({
    FLEETSCOPE_SECOND_OTLP_ENDPOINT: 'https://otlp.example.com',
    FLEETSCOPE_SECOND_OTLP_HEADERS_FILE: '/secrets/vendor.yaml',
  });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the Collector's own notation.
  expect(files['/home/config/second.yaml']).toContain('headers: ${file:/secrets/vendor.yaml}');
  expect(Object.keys(files)).toEqual(['/home/config/second.yaml']);
});

test.each([
  ['otlp.example.com:4317', 'no http or https URL'],
  ['http://127.0.0.1:4318', 'this Collector itself'],
  ['http://localhost:4317', 'this Collector itself'],
])('P11 %s is refused: %s', (endpoint, why) => {
  expect(() => of({ FLEETSCOPE_SECOND_OTLP_ENDPOINT: endpoint })).toThrow(why);
  expect(() => of({ FLEETSCOPE_SECOND_OTLP_ENDPOINT: 'http://127.0.0.1:5318' })).not.toThrow();
});

test.each(['ftp://ada:s3cr3t@otlp.example.com', 'http://ada:s3cr3t@127.0.0.1:4318', 'https://ada:s3cr3t@logs.example'])(
  'P06 what refuses %s does not repeat who logs in, and how',
  (address) => {
    const refused = () => {
      of({ FLEETSCOPE_ELASTICSEARCH_URL: address });
    };
    expect(refused).toThrow(/FLEETSCOPE_ELASTICSEARCH_URL="\w+:\/\/[\w.:]+"/);
    expect(refused).not.toThrow(/ada|s3cr3t/);
  },
);

test('P11 a signal that is none is refused', () => {
  const endpoint = { FLEETSCOPE_SECOND_OTLP_ENDPOINT: 'https://otlp.example.com' };
  expect(() => of({ ...endpoint, FLEETSCOPE_SECOND_OTLP_SIGNALS: 'traces,log' })).toThrow('"log" is none of');
  expect(of({ ...endpoint, FLEETSCOPE_SECOND_OTLP_SIGNALS: 'traces,logs' }).env).toMatchObject({
    FLEETSCOPE_SECOND_OTLP_SIGNALS: 'traces,logs',
  });
});

test('P07 an Elasticsearch is written to with a password from a file, and never without one', () => {
  const url = { FLEETSCOPE_ELASTICSEARCH_URL: 'https://elasticsearch.example.com:9200' };
  expect(() => of(url)).toThrow('FLEETSCOPE_ELASTICSEARCH_PASSWORD_FILE');
  const { args, env, files } = of({ ...url, FLEETSCOPE_ELASTICSEARCH_PASSWORD_FILE: '/secrets/password' });
  expect(args).toEqual(['--config=/home/config/elasticsearch.yaml']);
  expect(env).toEqual(url);
  expect(files['/home/config/elasticsearch.yaml']).toContain('password_file: /secrets/password');
});
