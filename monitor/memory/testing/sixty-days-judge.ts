/** What was found, held against what was planted. Pure. */
import type { Finding, FindingKind } from '../record.ts';
import { coincidences, type Plant, plants } from './sixty-days-plants.ts';

/** Of one kind. A finding is one key of one week, so that the same plant may be told rightly nine times, and wrongly once. */
export interface Score {
  readonly kind: FindingKind;
  /** Findings in a week in which they are true. */
  readonly right: number;
  /** Findings of what nobody planted, or of another week. */
  readonly wrong: number;
  readonly planted: number;
  /** Plants that were found in one of their weeks. */
  readonly found: number;
}

export interface Judgement {
  readonly scores: readonly Score[];
  /** `2026-W03 agent-task/docs/translate`. */
  readonly wrong: readonly string[];
  /** Keys of plants. */
  readonly missed: readonly string[];
  /** By coincidence, whether it was claimed. */
  readonly claimed: readonly { readonly what: string; readonly isClaimed: boolean }[];
}

export function judge(findings: readonly Finding[]): Judgement {
  const isRight = (finding: Finding) => plants.some((plant) => tells(finding, plant));
  const isFound = (plant: Plant) => findings.some((finding) => tells(finding, plant));
  const kinds = [...new Set([...plants, ...findings].map(({ kind }) => kind))].sort();
  return {
    scores: kinds.map((kind) => {
      const own = findings.filter((finding) => finding.kind === kind);
      const there = plants.filter((plant) => plant.kind === kind);
      const right = own.filter(isRight).length;
      return { kind, right, wrong: own.length - right, planted: there.length, found: there.filter(isFound).length };
    }),
    wrong: findings.filter((finding) => !isRight(finding)).map(({ week, key }) => `${week} ${key}`),
    missed: plants.filter((plant) => !isFound(plant)).map(({ key }) => key),
    claimed: coincidences.map(({ what, claims }) => ({ what, isClaimed: findings.some(({ key }) => claims(key)) })),
  };
}

/** The contrary of what is so is no finding of it. */
function tells({ key, week, direction }: Finding, { key: planted, weeks: [first, last] }: Plant): boolean {
  return key === planted && direction === 1 && week >= first && week <= last;
}

/** Of several seeds, by kind. */
export function together(judgements: readonly Judgement[]): Score[] {
  const groups = Map.groupBy(
    judgements.flatMap(({ scores }) => scores),
    ({ kind }) => kind,
  );
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, all]) => ({ kind, ...summed(all) }));
}

/** Of all kinds. */
export function summed(scores: readonly Score[]): Omit<Score, 'kind'> {
  const sum = (of: (score: Score) => number) => scores.reduce((total, score) => total + of(score), 0);
  return {
    ...{ right: sum(({ right }) => right), wrong: sum(({ wrong }) => wrong) },
    ...{ planted: sum(({ planted }) => planted), found: sum(({ found }) => found) },
  };
}

/** Of what was claimed, in 1. Where nothing was, nothing was wrong. */
export function precision({ right, wrong }: Omit<Score, 'kind'>): number {
  return right + wrong === 0 ? 1 : right / (right + wrong);
}

/** Of what is there, in 1. */
export function recall({ planted, found }: Omit<Score, 'kind'>): number {
  return planted === 0 ? 1 : found / planted;
}
