/** A URL of a database as it may be shown, and what was said about it: who logs in, and how, is nobody's concern. */

/** Without user, password and options: some of these are secrets as well. */
export function shownUrl(url: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:(?:\/\/)?)?(.*)$/is.exec(url) ?? [];
  const end = rest.lastIndexOf('@');
  // Of a password that is not encoded, or of an option: what comes after it may be secret still.
  if (rest.slice(0, Math.max(0, end)).includes('?')) return `${scheme}…`;
  return scheme + rest.slice(end + 1).replace(/\?.*/s, '');
}

/** What was said, without what the URL keeps secret: a driver repeats a URL that it cannot read. */
export function saidOf(error: unknown, url: string): string {
  let said = error instanceof Error ? error.message : String(error);
  said = said.replaceAll(url, shownUrl(url)).replaceAll(/\/\/[^\s"']*@/g, '//');
  for (const [name, value] of new URLSearchParams(/\?(.*)$/s.exec(url)?.[1]))
    if (value && /password|properties/i.test(name)) said = said.replaceAll(value, '…');
  return said.replace(/\.$/, '');
}
