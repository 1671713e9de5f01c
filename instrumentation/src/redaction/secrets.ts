/**
 * One shape of secret. Patterns are written in the syntax that JavaScript and RE2 share, because the same list masks in the
 * SDK and once more in the Collector.
 */
export interface SecretShape {
  what: string;
  /** How it begins. A pattern each in RE2, which finds a literal quickly and an alternative twenty times as slowly. */
  starts: readonly string[];
  /** Between the start and the secret; the SDK leaves both readable. Undefined: the start is part of the secret. */
  keep?: string;
  /** Never matches `****`, so that masking what is masked changes nothing. */
  secret: string;
  /** After the secret; the SDK leaves it readable. */
  end?: string;
  /** Of what follows the start. */
  anyCase?: true;
  /** The whole pattern for JavaScript, where the one above would go over the same text again and again. */
  linear?: string;
  /** In the place of `starts` for RE2: the usual spellings of what has too many. */
  spellings?: readonly string[];
}

const names =
  '(?:passw(?:or)?d|passphrase|secret|(?:api|private|access|account)[_-]?key|' +
  '(?:access|auth|refresh|session|id|api|bearer|security|csrf|xsrf)[_-]?token|authorization)';

/** As they are spelled most: for RE2, which has the list in full for the names of attributes. */
const spellings = [
  ...['password', 'Password', 'PASSWORD', 'passwd', 'secret', 'Secret', 'SECRET', 'authorization', 'Authorization'],
  ...['api_key', 'api-key', 'apiKey', 'apikey', 'API_KEY', 'access_key', 'ACCESS_KEY', 'AccountKey'],
  ...['access_token', 'accessToken', 'ACCESS_TOKEN', 'auth_token', 'authToken', 'AUTH_TOKEN', 'refresh_token'],
];

/** Elsewhere than in a URL these words mean other things. */
const queryNames = '(?:token|jwt|pwd|pass|auth|sig|(?:x-(?:amz|goog)-)?signature)';

const bareInUrl = '\\**[^*\\s&"\'<>#][^\\s&"\'<>#]*';
const bare = '\\**[^*\\s&,;"\'<>\\\\][^\\s&,;"\'<>\\\\]*';
const insideQuotes = '\\**(?:[^"*\\\\]|\\\\[\\s\\S])(?:[^"\\\\]|\\\\[\\s\\S])*';
const inSingleQuotes = "'\\**(?:[^'*\\\\]|\\\\[\\s\\S])(?:[^'\\\\]|\\\\[\\s\\S])*'?";
const inEscapedQuotes = '\\\\+"\\**[^"*\\\\][^"\\\\]*(?:\\\\+")?';
const scheme = '(?:(?:basic|bearer|digest|negotiate|token|apikey)\\s+)?';

/** What a secret looks like in any text. (I07) */
export const secretShapes: readonly SecretShape[] = [
  { what: 'AWS access key id', starts: ['AKIA', 'ASIA'], secret: '[0-9A-Z]{16}' },
  { what: 'GitHub token', starts: ['gh[pousr]_'], secret: '[A-Za-z0-9]{36,}' },
  { what: 'GitHub token, fine-grained', starts: ['github_pat_'], secret: '[A-Za-z0-9_]{22,}' },
  { what: 'GitLab token', starts: ['glpat-'], secret: '[A-Za-z0-9_-]{20,}' },
  { what: 'npm token', starts: ['npm_'], secret: '[A-Za-z0-9]{36}' },
  { what: 'Hugging Face token', starts: ['hf_'], secret: '[A-Za-z0-9]{30,}' },
  // Not in the middle of a word: `task-` and `disk-` end like it.
  { what: 'Anthropic, OpenAI key', starts: ['\\bsk-'], secret: '[A-Za-z0-9_-]{20,}' },
  { what: 'Stripe key', starts: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'], secret: '[A-Za-z0-9]{16,}' },
  { what: 'webhook secret', starts: ['whsec_'], secret: '[A-Za-z0-9]{24,}' },
  { what: 'Slack token', starts: ['xox[abeprs]-', 'xapp-'], secret: '[A-Za-z0-9-]{10,}' },
  { what: 'Slack webhook', starts: ['hooks\\.slack\\.com/services/'], keep: '', secret: '[A-Za-z0-9/]+' },
  { what: 'Google API key', starts: ['AIza'], secret: '[0-9A-Za-z_-]{35}' },
  { what: 'Google OAuth token', starts: ['ya29\\.'], secret: '[0-9A-Za-z_-]{20,}' },
  { what: 'bearer token', starts: ['Bearer', 'bearer', 'BEARER'], secret: '(?:\\s+|%20|\\+)[A-Za-z0-9._~+/-]{16,}=*' },
  { what: 'basic credentials', starts: ['Basic', 'basic', 'BASIC'], secret: '(?:\\s+|%20|\\+)[A-Za-z0-9+/]{8,}={1,2}' },
  {
    what: 'JSON Web Token',
    starts: ['eyJ'],
    secret: '[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}',
    // Entered once per word, not at each `eyJ` within; what is glued to its front goes with it.
    linear: '(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{11,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}',
  },
  {
    what: 'private key',
    starts: ['-----BEGIN '],
    // To its end, or to that of a text that was cut.
    secret: '[A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?:[\\s\\S]*?-----END [A-Z ]*-----|[\\s\\S]*$)',
  },
  {
    what: 'password in a URL',
    starts: ['://'],
    keep: '[^/\\s:@"\'<>]*:',
    secret: '\\**[^*/\\s"\'<>][^/\\s"\'<>]*',
    end: '@',
  },
  {
    what: 'parameter of a URL',
    starts: ['^', '\\?', '&', ';'],
    keep: `${queryNames}=`,
    secret: bareInUrl,
    anyCase: true,
  },
  { what: 'field of a line', starts: [' token='], keep: '', secret: bare },
  { what: 'token of an object', starts: ["token: '"], keep: '', secret: "\\**[^*'][^']*" },
  {
    what: 'member in JSON',
    starts: ['"'],
    keep: `(?:[\\w.-]*(?:${names}|cookie)|token)"\\s*:\\s*"`,
    secret: insideQuotes,
    anyCase: true,
  },
  {
    what: 'option of a command',
    starts: ['--'],
    keep: `(?:[a-z0-9]+-)*(?:${names}|token)(?:\\s+|=)`,
    secret: bare,
    anyCase: true,
  },
  {
    what: 'anything beside its name',
    starts: [names],
    spellings,
    keep: '\\\\*["\']?\\s*[:=]\\s*',
    secret: `(?:"${insideQuotes}"?|${inSingleQuotes}|${inEscapedQuotes}|${scheme}${bare})`,
    anyCase: true,
  },
  {
    what: 'cookie',
    starts: ['cookie', 'Cookie', 'COOKIE'],
    keep: '\\\\*["\']?\\s*[:=]\\s*\\\\*["\']?',
    secret: '[\\w.-]+=[^\\r\\n"\'\\\\]+',
  },
];

const namesAlone =
  'cookies?|passwords|secrets|credentials?|cvv|cvc|ssn|iban|card[_-]?number|' +
  'e-?mail|email[_-]?address|phone|phone[_-]?number|date[_-]?of[_-]?birth';

/**
 * Attribute names whose value is masked whatever it looks like: secrets, and what a person can be reached or robbed by.
 * `page_token` and `gen_ai.usage.input_tokens` are none of them. Any case.
 */
export const secretNames: readonly Omit<SecretShape, 'what'>[] = [
  { starts: ['^', '\\.', '-'], secret: `(?:${names}|${namesAlone}|token)$`, anyCase: true },
  { starts: ['_'], secret: `(?:${names}|${namesAlone})$`, anyCase: true },
];

/** What stands in the place of a secret, here and in the Collector. */
export const mask = '****';

/** The same for RE2: a pattern for each start. */
export function re2({ starts, spellings, keep = '', secret, end = '', anyCase }: Omit<SecretShape, 'what'>): string[] {
  const rest = keep + secret + end;
  return (spellings ?? starts).map((start) => start + (anyCase ? `(?i:${rest})` : rest));
}

/** The same for JavaScript: group 1 stays, and group 2. */
export function javascript({ starts, keep, secret, end = '', anyCase, linear }: Omit<SecretShape, 'what'>): RegExp {
  const start = `(?:${starts.join('|')})`;
  const whole = keep === undefined ? `()${start}${secret}()` : `(${start}${keep})${secret}(${end})`;
  return new RegExp(linear ? `()${linear}()` : whole, anyCase ? 'gi' : 'g');
}
