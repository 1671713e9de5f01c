import { qualityGate } from '@fleetscope/instrumentation';
import type { Counts } from '../counts.ts';
import type { Fleet } from '../fleet.ts';

export interface GateRule {
  type: string;
  severity: 'info' | 'warning' | 'blocking';
  /** What is wrong with the text, or nothing. */
  fault(text: string): string | undefined;
}

/** What every piece of code is held to, whatever a model says of it. */
export const codeRules: readonly GateRule[] = [
  {
    type: 'secrets',
    severity: 'blocking',
    fault: (text) => (/(sk-|ghp_|AKIA)[A-Za-z0-9]{12,}/.test(text) ? 'it holds a key' : undefined),
  },
  {
    type: 'tests',
    severity: 'blocking',
    fault: (text) => (/\bassert\b/.test(text) ? undefined : 'it has no test'),
  },
  {
    type: 'style',
    severity: 'warning',
    fault: (text) => (text.split('\n').some((line) => line.length > 120) ? 'a line is over 120 long' : undefined),
  },
  {
    type: 'size',
    severity: 'warning',
    fault: (text) => (text.split('\n').length > 150 ? 'it has over 150 lines' : undefined),
  },
  {
    type: 'documentation',
    severity: 'info',
    fault: (text) => (text.includes('/**') ? undefined : 'nothing is documented'),
  },
];

/** What an answer without code is held to. */
export const findingRules: readonly GateRule[] = [
  { type: 'length', severity: 'warning', fault: (text) => (text.length < 20 ? 'it says next to nothing' : undefined) },
  { type: 'sources', severity: 'blocking', fault: (text) => (/https?:/.test(text) ? undefined : 'it names no source') },
];

/** Holds a text to the rules, or to those that block where no more is asked for. @returns what blocks it. */
export function check(
  { counts, control }: Pick<Fleet, 'counts' | 'control'>,
  rules: readonly GateRule[],
  text: string,
) {
  const required = control.fallbackFor('gates') === 'required-only';
  return rules.flatMap((rule) => {
    if (required && rule.severity !== 'blocking') return [];
    const fault = judge(counts, rule, rule.fault(text));
    return fault && rule.severity === 'blocking' ? [fault] : [];
  });
}

/** One gate whose verdict is known: `fault` is what is wrong. */
export function judge(counts: Counts, { type, severity }: Omit<GateRule, 'fault'>, fault: string | undefined) {
  counts.add('gates', `${type} ${fault ? 'failed' : 'passed'}`);
  return qualityGate({ type, severity }, (gate) => {
    if (fault) gate.failed(fault);
    else gate.passed();
    return fault;
  });
}
