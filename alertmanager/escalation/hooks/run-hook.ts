/** Does what one hook run asks for, or says what it would do. Decides nothing: the policy and the incident already have. */
import { stripVTControlCharacters } from 'node:util';
import type { HookRun } from '../incident/incident.ts';
import { redact, type SecretRef } from '../secret.ts';
import { commandHook } from './command-hook.ts';
import type { HookConfig } from './hook-config.ts';
import { parametersOf } from './hook-runs.ts';
import { httpHook } from './http-hook.ts';
import { type HookDeps, type HookResult, keptCharacters } from './prepared.ts';

/** Runs a hook once, for as long as its time limit. Never throws: what went wrong is the result. */
export async function runHook(
  config: HookConfig,
  run: HookRun,
  deps: HookDeps,
  signal: AbortSignal,
): Promise<HookResult> {
  const secrets: string[] = [];
  const secret = (ref: SecretRef) => {
    const value = deps.secret(ref);
    secrets.push(value);
    return value;
  };
  if (config.kind === 'command') secrets.push(...secretVariables(config.environment, deps.env));
  const clean = ({ ok, result }: HookResult) => ({ ok, result: shown(result, secrets) });
  // The policy may be stricter by now than when the run was decided.
  const { parameters, wrong } = parametersOf(config, run.parameters);
  if (wrong) return clean({ ok: false, result: `Not done: ${wrong}.` });
  const dryRun = config.dryRun || run.dryRun;
  if (config.approval && !dryRun && run.approvedBy === undefined)
    return clean({ ok: false, result: 'Not done: the policy asks for a yes by now, and nobody has said it.' });
  try {
    const given = { key: run.key, parameters, secret, env: deps.env };
    const prepared = config.kind === 'http' ? httpHook(config, given) : await commandHook(config, given);
    if (dryRun) return clean({ ok: true, result: `Dry run. Would do: ${prepared.description}` });
    const timeout = AbortSignal.timeout(config.timeoutMs);
    try {
      return clean(await prepared.start(AbortSignal.any([signal, timeout])));
    } catch (error) {
      if (timeout.aborted) return clean({ ok: false, result: `Not ended within ${config.timeoutMs} ms, and stopped.` });
      if (signal.aborted) return clean({ ok: false, result: 'Stopped with the service, before it had ended.' });
      throw error;
    }
  } catch (error) {
    return clean({ ok: false, result: `${dryRun ? 'Dry run. Would fail' : 'Failed'}: ${reasonOf(error)}` });
  }
}

/** A command may print what it was given. */
function secretVariables(names: readonly string[], env: HookDeps['env']): string[] {
  return names.filter((name) => /TOKEN|SECRET|PASSW|KEY|CREDENTIAL/i.test(name)).flatMap((name) => env[name] ?? []);
}

function shown(text: string, secrets: readonly string[]): string {
  const masked = secrets
    .filter((value) => value.length > 3)
    .reduce((rest, value) => rest.replaceAll(value, '****'), text);
  const plain = stripVTControlCharacters(redact(masked)).replace(/[^\P{Cc}\n\t]/gu, '');
  if (plain.length <= 2 * keptCharacters) return plain.trim();
  return `${plain.slice(0, keptCharacters)}\n… ${plain.length - 2 * keptCharacters} more characters …\n${plain.slice(-keptCharacters)}`.trim();
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message && !message.includes(cause.message)
    ? `${message}: ${cause.message}`
    : message;
}
