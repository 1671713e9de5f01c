/** The twin rule: a file that a tool reads is written by the `.ts` file of the same name beside it. */
import { dump } from 'js-yaml';

/** What `export default twin(…)` leaves for `npm run generate`. */
export interface Twin {
  readonly extension: 'yaml' | 'yml' | 'json' | 'md';
  /** The whole file, as a function of the path of its source relative to the repository. */
  render(source: string): string;
}

/** `collector.ts` with `export default twin('yaml', …)` is the source of `collector.yaml`. */
export function twin(extension: 'md', content: string): Twin;
export function twin(extension: 'yaml' | 'yml' | 'json', content: object): Twin;
export function twin(extension: Twin['extension'], content: object | string): Twin {
  return {
    extension,
    render(source) {
      const origin = `Generated from ${source} by "npm run generate". Do not edit.`;
      if (typeof content === 'string') return `<!-- ${origin} -->\n\n${content.trimEnd()}\n`;
      return extension === 'json' ? `${JSON.stringify(content, null, 2)}\n` : `# ${origin}\n${yaml(content)}`;
    },
  };
}

/** YAML as the committed files have it: no folded lines, no anchors. */
export function yaml(content: object): string {
  return `${dump(content, { lineWidth: -1, noRefs: true }).trimEnd()}\n`;
}
