import { describe, expect, test } from 'vitest';
import { redactAttributes, redactText, redactValue } from './redact.ts';
import { secretShapes } from './secrets.ts';

const random = (count: number) => 'a1B2c3D4e5F6g7H8'.repeat(8).slice(0, count);

/** One or more texts for every shape: what is in, what comes out. */
const examples: Record<string, [string, string][]> = {
  'AWS access key id': [[`id AKIA${random(16).toUpperCase()}.`, 'id ****.']],
  'GitHub token': [[`x ghp_${random(36)}`, 'x ****']],
  'GitHub token, fine-grained': [[`github_pat_${random(30)}`, '****']],
  'GitLab token': [[`glpat-${random(20)}`, '****']],
  'npm token': [[`//registry/:_auth npm_${random(36)}`, '//registry/:_auth ****']],
  'Hugging Face token': [[`hf_${random(34)}`, '****']],
  'Anthropic, OpenAI key': [
    [`sk-ant-${random(40)}`, '****'],
    [`key sk-proj-${random(40)}, next`, 'key ****, next'],
  ],
  'Stripe key': [[`sk_live_${random(24)}`, '****']],
  'webhook secret': [[`whsec_${random(32)}`, '****']],
  'Slack token': [[`xoxb-${random(24)}`, '****']],
  'Slack webhook': [
    ['https://hooks.slack.com/services/T0/B0/abc failed', 'https://hooks.slack.com/services/**** failed'],
  ],
  'Google API key': [[`AIza${random(35)}`, '****']],
  'Google OAuth token': [[`ya29.${random(40)}`, '****']],
  'JSON Web Token': [
    [`eyJ${random(12)}.eyJ${random(20)}.${random(30)} ok`, '**** ok'],
    [`"Bearer%20eyJ${random(12)}.eyJ${random(20)}.${random(30)}"`, '"****"'],
  ],
  'bearer token': [[`curl -H bearer ${random(20)}==`, 'curl -H ****']],
  'basic credentials': [["[ 'Authorization', 'Basic dXNlcjpwYXNzd29yZA==' ]", "[ 'Authorization', '****' ]"]],
  'private key': [
    [
      'key:\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\n\nabc\n-----END RSA PRIVATE KEY-----\nrest',
      'key:\n****\nrest',
    ],
    ['-----BEGIN PRIVATE KEY-----\nwhich was cut', '****'],
  ],
  'password in a URL': [
    ['postgres://user:p@ss@db:5432/shop', 'postgres://user:****@db:5432/shop'],
    ['redis://:hunter2@cache', 'redis://:****@cache'],
  ],
  'parameter of a URL': [
    ['GET /a?page=2&api_key=abc&token=d%20e#top', 'GET /a?page=2&api_key=****&token=****#top'],
    ['token=abc&page=2', 'token=****&page=2'],
    ['Server=x;Pwd=hunter2;Uid=a', 'Server=x;Pwd=****'],
  ],
  'field of a line': [['level=info token=abc user=7', 'level=info token=**** user=7']],
  'token of an object': [["{ id: 1, token: 'abc' }", "{ id: 1, token: '****' }"]],
  'member in JSON': [
    ['{"a":1,"db_password":"hun\\"ter2","token":"t","b":2}', '{"a":1,"db_password":"****","token":"****","b":2}'],
  ],
  'option of a command': [['login --db-password hunter2 --user bob', 'login --db-password **** --user bob']],
  'anything beside its name': [
    ["{ user: 'bob', password: 'hunter 2' }", "{ user: 'bob', password: **** }"],
    ['"{\\"password\\":\\"hunter 2\\",\\"user\\":1}"', '"{\\"password\\":****,\\"user\\":1}"'],
    ['AWS_SECRET_ACCESS_KEY=a/b+c PATH=/bin', 'AWS_SECRET_ACCESS_KEY=**** PATH=/bin'],
    ['Authorization: Digest abc, Accept: */*', 'Authorization: ****, Accept: */*'],
  ],
  cookie: [['cookie: sid=abc; theme=dark\r\nhost: x', 'cookie: ****\r\nhost: x']],
};

test('I07 every shape has an example', () => {
  expect(Object.keys(examples).sort()).toEqual(secretShapes.map(({ what }) => what).sort());
});

describe.each(Object.entries(examples))('I07 %s', (_, cases) => {
  test.each(cases)('%j is masked, and masking it again changes nothing', (text, expected) => {
    expect(redactText(text)).toBe(expected);
    expect(redactText(expected)).toBe(expected);
  });
});

test.each([
  'task-550e8400-e29b-41d4-a716-446655440000',
  `task-${random(32)}`,
  'disk-usage-by-partition-and-more',
  'http://host:8080/path/@scope/package?page=2&sort=asc',
  '{"url":"http://a:80","to":"x@y.example"}',
  'input_tokens=55 max_tokens: 3, next token: hello',
  'basic understanding of keys: none',
  'a password is needed',
  'mail bob@example.com',
  'pageToken=abc',
])('I07 %j stays as it is', (text) => {
  expect(redactText(text)).toBe(text);
});

test('I07 texts made to make a pattern go back and forth are done in linear time', () => {
  // Quadratic, the worst of them would take minutes.
  const pieces = [
    'eyJ',
    'eyJ-',
    '.eyJaaaaaaaa',
    'a.',
    '-',
    '--a-',
    '-----BEGIN ',
    'password',
    'password:',
    '"password":"',
  ];
  pieces.push('password"', 'password\\', 'cookie:', 'cookie=a', '://', '://a:', '?', '&token', '"a.', "token: '");
  pieces.push('key', 'key   ', 'bearer ', 'basic A', 'authorization: basic ', 'password=*', '****', 'sk-', 'A');
  for (const piece of pieces) {
    expect(typeof redactText(piece.repeat(Math.ceil(400_000 / piece.length)))).toBe('string');
  }
});

const given = {
  'gen_ai.usage.input_tokens': 3,
  session_tokens: 4,
  page_token: 'p',
  'user.email': 'bob@example.com',
  clientSecret: 's',
  'http.request.header.x-vault-token': ['v'],
  has_password: true,
  list: ['x', { apiKey: 1, deeper: [[`sk-ant-${random(40)}`]] }],
};

test('I07 attributes are masked by name, and by shape however deep; the given object is not touched', () => {
  const before = structuredClone(given);
  expect(redactAttributes(given)).toEqual({
    'gen_ai.usage.input_tokens': 3,
    session_tokens: 4,
    page_token: 'p',
    'user.email': '****',
    clientSecret: '****',
    'http.request.header.x-vault-token': '****',
    has_password: true,
    list: ['x', { apiKey: '****', deeper: [['****']] }],
  });
  expect(given).toEqual(before);
});

test('I07 the last value of an attribute is no excuse for the next one', () => {
  for (const value of ['plain', `sk-ant-${random(40)}`, 'plain', `sk-ant-${random(40)}`]) {
    expect(redactAttributes({ note: value }).note).toBe(value === 'plain' ? value : '****');
  }
});

test('I07 what holds no secret is not copied', () => {
  const clean = { a: 'b', list: [{ c: 'd' }] };
  expect(redactAttributes(clean)).toBe(clean);
  expect(redactValue(clean)).toBe(clean);
});

test('I07 what is circular, very deep or unreadable is masked, not walked for ever', () => {
  const circular: Record<string, unknown> = { name: 'x' };
  circular.self = [circular, circular];
  expect(JSON.stringify(redactValue(circular)).length).toBeLessThan(1_000_000);
  const hostile = {
    get boom() {
      throw new Error('no');
    },
  };
  expect(redactValue({ hostile })).toBe('****');
});
