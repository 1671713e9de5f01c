/** The twin rule: a file that a tool reads is written by the `.ts` file of the same name beside it, a folder of files by the one of its name in it. */
import { dump } from 'js-yaml';

/** Several YAML documents in one file, as `kubectl` reads them. */
export class Documents {
  readonly all: readonly object[];
  constructor(...all: object[]) {
    this.all = all;
  }
}

/** What `export default twin(…)` or `twins(…)` leaves for `npm run generate`. */
export interface Twin {
  /** The whole files by name, as a function of the path of their source relative to the repository. */
  render(source: string): Record<string, string>;
}

type Extension = 'yaml' | 'yml' | 'json' | 'md';

/** `collector.ts` with `export default twin('yaml', …)` is the source of `collector.yaml`. */
export function twin(extension: 'md', content: string): Twin;
export function twin(extension: 'yaml' | 'yml' | 'json', content: object): Twin;
export function twin(extension: Extension, content: object | string): Twin {
  return {
    render(source) {
      const [name = ''] = source.split('/').at(-1)?.split('.') ?? [];
      return { [`${name}.${extension}`]: write(extension, content, source) };
    },
  };
}

/** `proofs/proofs.ts` with `export default twins('yml', { agents: … })` is the source of `proofs/agents.yml` and of nothing else there. */
export function twins(extension: 'md', contents: Record<string, string>): Twin;
export function twins(extension: 'yaml' | 'yml' | 'json', contents: Record<string, object>): Twin;
export function twins(extension: Extension, contents: Record<string, object | string>): Twin {
  return {
    render: (source) =>
      Object.fromEntries(
        Object.entries(contents).map(([name, content]) => [`${name}.${extension}`, write(extension, content, source)]),
      ),
  };
}

function write(extension: Extension, content: object | string, source: string): string {
  const origin = `Generated from ${source} by "npm run generate". Do not edit.`;
  if (typeof content === 'string') return `<!-- ${origin} -->\n\n${content.trimEnd()}\n`;
  if (extension === 'json') return `${JSON.stringify(content, null, 2)}\n`;
  const documents = content instanceof Documents ? content.all : [content];
  return `# ${origin}\n${documents.map(yaml).join('---\n')}`;
}

/** YAML as the committed files have it: no folded lines, no anchors. */
export function yaml(content: object): string {
  return `${dump(content, { lineWidth: -1, noRefs: true }).trimEnd()}\n`;
}
