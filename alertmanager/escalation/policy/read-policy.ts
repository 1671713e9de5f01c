/** Reads a policy, and names every mistake with its line. */
import * as v from 'valibot';
import { LineCounter, parseDocument } from 'yaml';
import { channelConfig } from '../channels/channel-config.ts';
import { redact } from '../secret.ts';
import { checkPolicy, type Finding } from './check-policy.ts';
import { lineOf } from './line-of.ts';
import { lastResort, type Policy } from './policy.ts';
import { type PolicyOutput, policyFile } from './policy-file.ts';

/** What cannot be used as a policy. `findings`: one line each, `policy.yml:12: severities.info.steps.0.tell.0: …`. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly findings: readonly string[];

  constructor(file: string, findings: readonly string[]) {
    const count = findings.length === 1 ? 'one mistake' : `${findings.length} mistakes`;
    super(`Cannot use the policy ${file}: ${count}. Mend what is named here.\n${findings.join('\n')}`);
    this.findings = findings;
  }
}

/**
 * @param file Only named in errors.
 * @throws PolicyError with each mistake: file and line, the value seen, the remedy.
 */
export function readPolicy(text: string, file: string): Policy {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  if (document.errors.length > 0)
    throw new PolicyError(
      file,
      document.errors.map(
        ({ message, linePos }) => `${file}:${linePos?.[0].line ?? 1}: ${message.split('\n', 1)[0]?.replace(/:$/, '')}`,
      ),
    );
  const at = ({ path, message }: Finding) => {
    const where = path.length > 0 ? `${path.join('.')}: ` : '';
    return redact(`${file}:${lineOf(document, counter, path)}: ${where}${message}`);
  };
  if (document.contents === null) throw new PolicyError(file, [`${file}:1: It is empty. Copy default-policy.yml.`]);
  const parsed = v.safeParse(policyFile, document.toJS());
  if (!parsed.success) throw new PolicyError(file, parsed.issues.map(findingOf).map(at));
  const findings = checkPolicy(parsed.output);
  if (findings.length > 0) throw new PolicyError(file, findings.map(at));
  return policyOf(parsed.output);
}

function policyOf({ sameIncident, flapping, channels, people, teams, severities, ...rest }: PolicyOutput): Policy {
  return {
    ...rest,
    sameIncidentMs: sameIncident,
    flapping: { times: flapping.times, withinMs: flapping.within },
    channels: { [lastResort]: v.parse(channelConfig, { kind: 'log' }), ...channels },
    people: each(people, (person, name) => ({ name, ...defined(person) })),
    teams: each(teams, ({ levels, ...team }) => ({
      ...defined(team),
      levels: defined(levels),
    })) as Policy['teams'],
    severities: each(severities, ({ steps, respectsQuietHours, repeat, rises }) => ({
      steps: steps.map(({ after, ...step }) => ({ afterMs: after, ...defined(step) })),
      respectsQuietHours,
      ...(repeat !== undefined && { repeatMs: repeat }),
      ...(rises && { rises: { afterMs: rises.after, to: rises.to } }),
    })) as unknown as Policy['severities'],
  };
}

/** In the house's words: what was seen, what is expected. */
function findingOf(issue: v.BaseIssue<unknown>): Finding {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  const expected = issue.expected?.replace(/^\((.*)\)$/, '$1').replaceAll('"', '') ?? 'something else';
  const own = !issue.message.startsWith('Invalid ');
  if (own)
    return {
      path,
      message: /^(is|has) /.test(issue.message) ? `${shown(issue.input)} ${issue.message}` : issue.message,
    };
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return { path, message: `"${path.at(-1)}" is not known here. Remove it, or look at its spelling.` };
  if (issue.input === undefined)
    return {
      path,
      message: `"${path.at(-1)}" is missing. ${expected === path.at(-1) ? 'Add it.' : `Write ${expected}.`}`,
    };
  return { path, message: `${shown(issue.input)} does not belong here. Write ${expected}.` };
}

function shown(input: unknown): string {
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function each<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}

/** A field that is not there is not `undefined`. */
function defined<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}
