/** What a rule says of a claim. */

/**
 * `holds-if`: under a condition that the claim does not state, and that `words` does. `not-its-own`: true, but of pass@1 too.
 * `fails`: somewhere, and `words` says where. `undecided`: neither was seen. `not-run`: the experiments it rests on were not.
 */
export type ClaimVerdict = 'holds' | 'holds-if' | 'fails' | 'not-its-own' | 'undecided' | 'not-run';

/** What decides a claim: samples against exact laws, a count of exact cases, or a proof. */
export type ClaimKind = 'sampled' | 'enumerated' | 'proved';

/** What a rule says of results. */
export interface Judgement {
  readonly verdict: ClaimVerdict;
  /** checks, or exact cases, that were decided, of all that were made */
  readonly decided: number;
  readonly total: number;
  /** checks behind the claim that were rejected: what fails a run, where a claim of the paper that fails does not */
  readonly rejected: number;
  /** condition, place, effect with its interval: one sentence */
  readonly words: string;
  /** the same in some 55 characters, the condition and one number */
  readonly brief: string;
}

/** And with what decides the claim. */
export interface Finding extends Judgement {
  readonly kind: ClaimKind;
}
