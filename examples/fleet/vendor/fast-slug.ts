/** A package with something to hide, as one finds them: loading it reads what is none of its business. */
import { readFileSync } from 'node:fs';

const where = readFileSync('/etc/hostname', 'utf8');

export function slug(title: string): string {
  return `${title.toLowerCase().replaceAll(' ', '-')}-${where.length}`;
}
