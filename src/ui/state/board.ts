/** What the board and every chart show: a run, and while another is made, what that has found so far. */
import { computed, effect, signal } from '@preact/signals';
import type { Claim, ClaimId } from '../../lab/suite/claims.ts';
import { CLAIM_PAGES } from '../../lab/suite/claimPages.ts';
import type { Digest } from '../../lab/suite/digest.ts';
import type { Shown } from '../../lab/suite/shown.ts';
import { param, setParams } from './address.ts';
import { reference } from './reference.ts';

export type RunKind = 'reference' | 'measured' | 'file';

export interface ShownRun {
  readonly kind: RunKind;
  /** of a kept run; null where it is not kept */
  readonly id: string | null;
  /** "this machine", a file's name */
  readonly name: string;
  readonly digest: Digest;
  /** the whole report; null for the reference, which is an excerpt */
  readonly report: Blob | null;
}

export const REFERENCE_RUN: ShownRun = {
  kind: 'reference',
  id: null,
  name: 'reference',
  digest: reference,
  report: null,
};

/** The run that everything shows. */
export const shownRun = signal<ShownRun>(REFERENCE_RUN);

/** Shows another; what was laid over the one before is of no use to it. */
export function show(run: ShownRun): void {
  overlaid.value = null;
  shownRun.value = run;
}

/** A second run, drawn over the first. */
export const overlaid = signal<{ readonly run: ShownRun; readonly comparison: string } | null>(null);

/** What the run in hand has found so far. */
export interface PartialRun {
  readonly claims: ReadonlyMap<ClaimId, Claim>;
  readonly shown: Shown;
  /** the experiment at work and its share that is done */
  readonly experiment: string | null;
  readonly share: number;
}

export const partial = signal<PartialRun | null>(null);

/** `reference`: of the run that was shown before, of a file, or of the reference itself; `measured`: here, by the latest run. */
export type Source = 'reference' | 'running' | 'measured';

export interface Row {
  readonly claim: Claim;
  readonly source: Source;
  /** in words, beside the verdict */
  readonly sourceWords: string;
}

/** Experiments that a claim rests on, by the names of their results. */
const NEEDS: Readonly<Record<ClaimId, keyof Shown>> = {
  'theorem-3.1': 'relation',
  'situation-1': 'signal',
  'situation-2': 'signal',
  'theorem-3.2-1': 'collapse',
  'theorem-3.2-2': 'collapse',
  'theorem-3.2-3': 'collapse',
  temperature: 'temperature',
  collapse: 'collapse',
  aggregate: 'aggregate',
  'rare-modes': 'collapse',
  crossover: 'crossover',
  variance: 'variance',
  cost: 'variance',
};

const KIND_WORDS: Readonly<Record<RunKind, string>> = {
  reference: 'reference',
  measured: 'measured here',
  file: 'from a file',
};

export const rows = computed((): readonly Row[] => {
  const { digest, kind } = shownRun.value;
  const going = partial.value;
  const known = new Map(digest.claims.map((claim) => [claim.id, claim]));
  return CLAIM_PAGES.flatMap(({ id }): Row[] => {
    const fresh = going?.claims.get(id);
    if (fresh && fresh.verdict !== 'not-run')
      return [{ claim: fresh, source: 'measured', sourceWords: KIND_WORDS.measured }];
    const claim = known.get(id);
    if (!claim) return [];
    if (going?.experiment === NEEDS[id]) {
      const share = Math.floor(100 * going.share);
      return [{ claim, source: 'running', sourceWords: `running ${share} %` }];
    }
    // Where nothing else is shown the card says it once for all.
    const isTold = kind === 'reference' && !going;
    return [
      {
        claim,
        source: kind === 'measured' && !going ? 'measured' : 'reference',
        sourceWords: isTold ? '' : going && kind === 'measured' ? 'earlier run' : KIND_WORDS[kind],
      },
    ];
  });
});

/** What the run in hand has found, and where it has not yet, what was shown before. */
const partialShown = computed(() => partial.value?.shown);
const newest = computed((): Shown => {
  const found = partialShown.value;
  return found ? { ...shownRun.value.digest.shown, ...found } : shownRun.value.digest.shown;
});

/** What charts draw from: a frame later than the board, so that neither holds up the other; a page that is hidden draws nothing. */
export const shown = signal<Shown>(newest.value);
let frame = 0;
effect(() => {
  const next = newest.value;
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => {
    shown.value = next;
  });
});

/** The chosen row: the chart beside the board follows it. */
export const chosenClaim = computed((): ClaimId => {
  const asked = param('claim');
  return rows.value.find(({ claim }) => claim.id === asked)?.claim.id ?? CLAIM_PAGES[0].id;
});

export const chooseClaim = (id: ClaimId): void => setParams({ claim: id === CLAIM_PAGES[0].id ? null : id });
