import { github } from '@fleetscope/instrumentation';
import type { Counts } from '../counts.ts';
import type { Request } from '../requests.ts';
import { askJson } from './ask-json.ts';
import { operate } from './part.ts';

/** The code host: repositories, issues, commits. */
export class Github {
  readonly #url: string;
  readonly #counts: Counts;
  readonly #signal: AbortSignal;

  constructor(url: string, counts: Counts, signal: AbortSignal) {
    this.#url = url;
    this.#counts = counts;
    this.#signal = signal;
  }

  /** @throws HttpError of status 404 where there is no such repository. */
  repository(name: string): Promise<{ defaultBranch: string }> {
    return this.#ask('get_repository', 'GET', `/repos/${name}`);
  }

  async openIssue({ repository, kind, subject, complexity }: Request): Promise<number> {
    const issue = { type: kind, complexity, auto: true };
    const { number } = await this.#ask<{ number: number }>(
      'create_issue',
      'POST',
      `/repos/${repository}/issues`,
      { title: subject, labels: [kind] },
      issue,
    );
    this.#counts.add('issues', kind);
    return number;
  }

  closeIssue(repository: string, number: number): Promise<unknown> {
    return this.#ask('close_issue', 'PATCH', `/repos/${repository}/issues/${number}`, { state: 'closed' });
  }

  /** @returns the commit's id. */
  async commit(repository: string, message: string, files: Record<string, string>): Promise<string> {
    const { sha } = await this.#ask<{ sha: string }>('commit', 'POST', `/repos/${repository}/commits`, {
      message,
      files,
    });
    return sha;
  }

  #ask<T>(
    name: string,
    method: string,
    path: string,
    body?: object,
    issue?: NonNullable<Parameters<typeof github>[0]['issue']>,
  ): Promise<T> {
    const answer = operate('github', () =>
      github({ operation: name, ...(issue && { issue }) }, async () => {
        const { json } = await askJson<T>(this.#url + path, { method, signal: this.#signal, ...(body && { body }) });
        return json;
      }),
    );
    return this.#counts.of('github', name, answer);
  }
}
