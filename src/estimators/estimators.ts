/**
 * The catalogue of policy-gradient estimators for groups of n trajectories with verifiable rewards.
 *
 * Every group estimator in use gives a trajectory a weight that depends only on its own reward and on the number c
 * of correct ones in its group:
 *
 *   G = Σ_i w_i ∇ log π(y_i),   w_i = w1(c) if trajectory i is correct, w0(c) if it is wrong   (sum convention)
 *
 * so an estimator *is* two tables over c. One row here is all it takes to add one: help, menus, the table of docs/estimators.md,
 * theory and measurement read this registry.
 */
import {
  choose,
  exactPassAtK,
  fraction,
  multiply,
  subtract,
  toNumber,
  ZERO,
  type Fraction,
} from '../math/fraction.ts';

/**
 * A weight as rational × scale: the rational part decides exactly whether the weight is zero; scale holds what is
 * irrational (a standard deviation, an exponential) and is 1 where the weight is a fraction. It may underflow to 0.
 */
export interface Weight {
  readonly rational: Fraction;
  readonly scale: number;
}

/** The numbers a weight formula may use. k is 1 for estimators without k. */
export interface GroupState {
  readonly n: number;
  readonly k: number;
  readonly c: number;
}

/** What E G is, at any policy. */
export interface Objective {
  /** whether E G is exactly the gradient of pass@k (of the chosen k), of pass@1, or of something else */
  readonly estimates: 'pass@k' | 'pass@1' | 'other';
  /** α_eff in E G = α_eff ∇J1, as text */
  readonly effectiveAlpha: string;
}

export interface Estimator {
  /** contract: used in files, flags and reports; with its parameters where they are not the usual ones */
  readonly id: string;
  /** what it is, in a few words */
  readonly title: string;
  readonly source: string;
  /** w1(c) and w0(c), as text */
  readonly formula: { readonly correct: string; readonly wrong: string };
  /** where it is defined, as text; "" for everywhere */
  readonly domain: string;
  readonly objective: Objective;
  /** whether its weights depend on a chosen k */
  readonly usesK: boolean;
  /** whether Σ_i w_i = 0 in every group */
  readonly centred: boolean;
  /** whether its weights at k are fractions */
  readonly isRational: (k: number) => boolean;
  /** why it is not defined at (n, k), or null where it is */
  readonly undefinedBecause: (n: number, k: number) => string | null;
  /** w1(c), asked for 1 ≤ c ≤ n */
  readonly correct: (group: GroupState) => Weight;
  /** w0(c), asked for 0 ≤ c ≤ n − 1 */
  readonly wrong: (group: GroupState) => Weight;
}

/** A number or a word that a family of estimators leaves open: written `grpo:std=sample:eps=1e-6`. */
export interface Parameter {
  readonly name: string;
  readonly help: string;
  readonly usual: string;
  /** the only words it may be; absent for numbers */
  readonly choices?: readonly string[];
  /** [low, high] for numbers */
  readonly range?: readonly [number, number];
}

export interface EstimatorFamily {
  readonly id: string;
  readonly parameters: readonly Parameter[];
  /** @param values by parameter name, checked, each present */
  readonly make: (values: Readonly<Record<string, string>>) => Omit<Estimator, 'id'>;
}

const rational = (value: Fraction): Weight => ({ rational: value, scale: 1 });
const ratio = (numerator: number, denominator: number): Weight => rational(fraction(numerator, denominator));
const nothing = rational(ZERO);

/** k/n, the largest weight of the pass@k estimators. */
const share = ({ n, k }: GroupState): Fraction => fraction(k, n);

/** ρ(n−1, c, k): the chance that k of the others hold a success, c of them being correct. */
const othersPass = (n: number, c: number, k: number): Fraction => exactPassAtK(n - 1, c, k);

/** The group's rewards less their mean, over n. */
const centredCorrect = ({ n, c }: GroupState): Fraction => fraction(n - c, n * n);
const centredWrong = ({ n, c }: GroupState): Fraction => fraction(-c, n * n);

/** C(n−c, k−1) / C(n−1, k−1): the chance that the k−1 companions of a correct sample are all wrong. */
const companionsWrong = ({ n, k, c }: GroupState): Fraction =>
  fraction(choose(n - c, k - 1), choose(n - 1, k - 1));

const always = (): null => null;
const needsTwo = (n: number): string | null =>
  n >= 2 ? null : 'needs n >= 2: its baseline is the other samples';
const needsKAtMostN = (n: number, k: number): string | null =>
  k <= n ? null : 'no unbiased estimator of the pass@k gradient exists for k > n';
const needsKBelowN = (n: number, k: number): string | null =>
  k <= n - 1 ? null : 'needs k <= n - 1: it leaves one sample out of the k';
const needsKDrawn = (n: number, k: number): string | null =>
  k <= n ? null : 'needs k <= n: it draws k of the n samples';

const fractions = (): boolean => true;
const irrational = (): boolean => false;

const PASS_AT_1: Objective = { estimates: 'pass@1', effectiveAlpha: '1' };
const PASS_AT_K: Objective = { estimates: 'pass@k', effectiveAlpha: 'alpha_k = k q^(k-1)' };
const other = (effectiveAlpha: string): Objective => ({ estimates: 'other', effectiveAlpha });
const BY_IDENTITY = other('n sum_m C(n-1,m) p^m q^(n-1-m) [w1(m+1) - w0(m)]');

/** An estimator without parameters. */
const plain = (
  id: string,
  row: Omit<Estimator, 'id' | 'isRational' | 'domain' | 'undefinedBecause' | 'usesK'> & Partial<Estimator>,
): EstimatorFamily => ({
  id,
  parameters: [],
  make: () => ({ isRational: fractions, domain: '', undefinedBecause: always, usesK: false, ...row }),
});

const GRPO_PARAMETERS: readonly Parameter[] = [
  {
    name: 'std',
    help: 'of the rewards: over n (population) or over n - 1 (sample)',
    usual: 'population',
    choices: ['population', 'sample'],
  },
  { name: 'eps', help: 'added to the standard deviation', usual: '0', range: [0, 1] },
];

/** 1 / (std + ε) of c ones and n − c zeros; 1 where there is no spread, for the centred rewards are 0 there. */
function grpoScale({ n, c }: GroupState, { std, eps }: Readonly<Record<string, string>>): number {
  if (c === 0 || c === n) return 1;
  const variance = (c / n) * ((n - c) / (std === 'sample' ? n - 1 : n));
  return 1 / (Math.sqrt(variance) + Number(eps));
}

/** 1 / (n (√(R (1−R)) + ε)), R = ρ(n, c, k); 1 where R is 0 or 1, for the weights are 0 there. */
function passAtKTrainingScale({ n, k, c }: GroupState, eps: number): number {
  const all = choose(n, k);
  const failing = choose(n - c, k);
  if (failing === 0n || failing === all) return 1;
  const std = Math.sqrt(toNumber(fraction(failing, all))) * Math.sqrt(toNumber(exactPassAtK(n, c, k)));
  return 1 / (n * (std + eps));
}

/** c / (c + n ε): what ε added to the mean reward makes of MaxRL; 1 where c is 0, for the weights are 0 there. */
const maxrlScale = ({ n, c }: GroupState, eps: number): number => (c === 0 ? 1 : c / (c + n * eps));

/** Whether a group has no spread of pass@k rewards: R is 0 or 1. */
const isSettled = ({ n, k, c }: GroupState): boolean => c === 0 || n - c < k;

/**
 * (e^β − 1) / (β M), M = (c e^β + n − c)/n: what risk-seeking does to the centred rewards; 1 where there is no spread, for
 * they are 0 there.
 */
function riskScale({ n, c }: GroupState, beta: number): number {
  if (c === 0 || c === n) return 1;
  return Math.expm1(beta) / beta / ((c * Math.exp(beta) + n - c) / n);
}

/** Above it (1 − c/n)^(k−1) as a fraction would have millions of digits. */
const EXACT_PLUG_IN_K = 1024;

function plugInWeight({ n, k, c }: GroupState): Weight {
  if (k <= EXACT_PLUG_IN_K) {
    const power = BigInt(k - 1);
    return rational(fraction(BigInt(k) * BigInt(n - c) ** power, BigInt(n) ** (power + 1n)));
  }
  return c === n ? nothing : { rational: fraction(k, n), scale: (1 - c / n) ** (k - 1) };
}

/** "0.1" as 1/10. */
function decimalFraction(text: string): Fraction {
  const [digits, exponent = '0'] = Number(text).toString().split('e');
  const [whole, decimals = ''] = digits.split('.');
  const power = Number(exponent) - decimals.length;
  const scaled = BigInt(whole + decimals);
  return power >= 0 ? fraction(scaled * 10n ** BigInt(power)) : fraction(scaled, 10n ** BigInt(-power));
}

export const families: readonly EstimatorFamily[] = [
  plain('reinforce', {
    title: 'REINFORCE, reward 0 or 1, no baseline',
    source: 'Williams 1992',
    formula: { correct: '1/n', wrong: '0' },
    objective: PASS_AT_1,
    centred: false,
    correct: ({ n }) => ratio(1, n),
    wrong: () => nothing,
  }),
  plain('rloo', {
    title: 'REINFORCE with the leave-one-out baseline',
    source: 'Kool et al. 2019; Ahmadian et al. 2402.14740',
    formula: { correct: '(n-c)/(n(n-1))', wrong: '-c/(n(n-1))' },
    domain: 'n >= 2',
    objective: PASS_AT_1,
    centred: true,
    undefinedBecause: needsTwo,
    correct: ({ n, c }) => ratio(n - c, n * (n - 1)),
    wrong: ({ n, c }) => ratio(-c, n * (n - 1)),
  }),
  plain('dr-grpo', {
    title: 'Dr. GRPO: rewards less their mean',
    source: 'Liu et al. 2503.20783',
    formula: { correct: '(n-c)/n^2', wrong: '-c/n^2' },
    objective: other('(n-1)/n'),
    centred: true,
    correct: (group) => rational(centredCorrect(group)),
    wrong: (group) => rational(centredWrong(group)),
  }),
  {
    id: 'grpo',
    parameters: GRPO_PARAMETERS,
    make: (values) => ({
      title: 'GRPO: centred rewards over their standard deviation',
      source: 'Shao et al. 2402.03300',
      formula: { correct: 'dr-grpo / (std + eps)', wrong: 'dr-grpo / (std + eps)' },
      domain: '',
      objective: BY_IDENTITY,
      usesK: false,
      centred: true,
      isRational: irrational,
      undefinedBecause: always,
      correct: (group) => ({ rational: centredCorrect(group), scale: grpoScale(group, values) }),
      wrong: (group) => ({ rational: centredWrong(group), scale: grpoScale(group, values) }),
    }),
  },
  {
    id: 'maxrl',
    parameters: [{ name: 'eps', help: 'added to the mean reward', usual: '0', range: [0, 1] }],
    make: ({ eps }) => ({
      title: 'MaxRL: likelihood to order n - 1',
      source: '2602.02710',
      formula: { correct: '(n-c)/(n(c + n eps))', wrong: '-c/(n(c + n eps)), 0 at c = 0' },
      domain: '',
      objective: Number(eps) === 0 ? other('(1-q^(n-1))/p') : BY_IDENTITY,
      usesK: false,
      centred: true,
      isRational: () => Number(eps) === 0,
      undefinedBecause: always,
      correct: (group) => ({
        rational: fraction(group.n - group.c, group.n * group.c),
        scale: maxrlScale(group, Number(eps)),
      }),
      wrong: (group) =>
        group.c === 0 ? nothing : { rational: fraction(-1, group.n), scale: maxrlScale(group, Number(eps)) },
    }),
  },
  plain('rft', {
    title: 'rejection-sampling fine-tuning, STaR: mean score of the correct',
    source: 'Zelikman et al. 2203.14465; Touvron et al. 2307.09288',
    formula: { correct: '1/c', wrong: '0' },
    objective: other('(1-q^n)/p'),
    centred: false,
    correct: ({ c }) => ratio(1, c),
    wrong: () => nothing,
  }),
  plain('pkpo', {
    title: 'PKPO, no baseline',
    source: 'Walder & Karkhanis 2505.15201 Eq 8',
    formula: { correct: 'k/n', wrong: '(k/n) rho(n-1,c,k-1)' },
    domain: 'k <= n',
    objective: PASS_AT_K,
    usesK: true,
    centred: false,
    undefinedBecause: needsKAtMostN,
    correct: (group) => rational(share(group)),
    wrong: (group) => rational(multiply(share(group), othersPass(group.n, group.c, group.k - 1))),
  }),
  plain('pkpo-loo', {
    title: 'PKPO with the leave-one-out baseline',
    source: 'Walder & Karkhanis 2505.15201 Eq 29',
    formula: {
      correct: 'k/n - (k/(n-1)) rho(n-1,c-1,k)',
      wrong: '(k/n) rho(n-1,c,k-1) - (k/(n-1)) rho(n-1,c,k)',
    },
    domain: 'k <= n - 1',
    objective: PASS_AT_K,
    usesK: true,
    centred: false,
    undefinedBecause: (n, k) => needsKAtMostN(n, k) ?? needsKBelowN(n, k),
    correct: (group) =>
      rational(subtract(share(group), baselineOfOthers(group, othersPass(group.n, group.c - 1, group.k)))),
    wrong: (group) =>
      rational(
        subtract(
          multiply(share(group), othersPass(group.n, group.c, group.k - 1)),
          baselineOfOthers(group, othersPass(group.n, group.c, group.k)),
        ),
      ),
  }),
  plain('pkpo-loo1', {
    title: 'PKPO with the leave-one-out-of-k baseline; at k = n verl GRPO_PASSK',
    source: 'Walder & Karkhanis 2505.15201 Eq 33; Tang et al. 2503.19595',
    formula: { correct: '(k/n) C(n-c,k-1)/C(n-1,k-1)', wrong: '0' },
    domain: '2 <= k <= n',
    objective: PASS_AT_K,
    usesK: true,
    centred: false,
    undefinedBecause: (n, k) =>
      needsKAtMostN(n, k) ?? (k >= 2 ? null : 'needs k >= 2: it leaves one out of k'),
    correct: (group) => rational(multiply(share(group), companionsWrong(group))),
    wrong: () => nothing,
  }),
  plain('ordergrad', {
    title: 'OrderGrad: the centred unbiased one',
    source: '2606.06096',
    formula: {
      correct: '(k/n) C(n-c,k)/C(n-1,k)',
      wrong: '(k/n) [rho(n-1,c,k-1) - rho(n-1,c,k)]',
    },
    domain: 'k <= n - 1',
    objective: PASS_AT_K,
    usesK: true,
    centred: true,
    undefinedBecause: (n, k) => needsKAtMostN(n, k) ?? needsKBelowN(n, k),
    correct: (group) => {
      const { n, k, c } = group;
      return rational(multiply(share(group), fraction(choose(n - c, k), choose(n - 1, k))));
    },
    wrong: (group) => {
      const { n, k, c } = group;
      return rational(multiply(share(group), subtract(othersPass(n, c, k - 1), othersPass(n, c, k))));
    },
  }),
  {
    id: 'passk-training',
    parameters: [{ name: 'eps', help: 'added to the standard deviation', usual: '0', range: [0, 1] }],
    make: ({ eps }) => ({
      title: 'pass@k training: analytic advantages over their standard deviation',
      source: 'Chen et al. 2508.10751',
      formula: {
        correct: '(1-R)/((std + eps) n), R = rho(n,c,k), std = sqrt(R(1-R)), 0 if std = 0',
        wrong: '(1-R-C(n-c-1,k-1)/C(n-1,k-1))/((std + eps) n), 0 if std = 0',
      },
      domain: 'k <= n; all 0 at k = n',
      objective: BY_IDENTITY,
      usesK: true,
      centred: true,
      isRational: irrational,
      undefinedBecause: needsKDrawn,
      correct: (group) => {
        const { n, k, c } = group;
        if (isSettled(group)) return nothing;
        return {
          rational: fraction(choose(n - c, k), choose(n, k)),
          scale: passAtKTrainingScale(group, Number(eps)),
        };
      },
      wrong: (group) => {
        const { n, k, c } = group;
        if (isSettled(group)) return nothing;
        const companions = fraction(choose(n - c - 1, k - 1), choose(n - 1, k - 1));
        return {
          rational: subtract(fraction(choose(n - c, k), choose(n, k)), companions),
          scale: passAtKTrainingScale(group, Number(eps)),
        };
      },
    }),
  },
  plain('plug-in', {
    title: "alpha_k at the group's own success rate times REINFORCE",
    source: 'the obvious reading of Yu 2511.16231 Eq 7',
    formula: { correct: '(k/n) (1-c/n)^(k-1)', wrong: '0' },
    objective: BY_IDENTITY,
    usesK: true,
    centred: false,
    isRational: (k) => k <= EXACT_PLUG_IN_K,
    correct: plugInWeight,
    wrong: () => nothing,
  }),
  {
    id: 'rs-grpo',
    parameters: [
      { name: 'beta', help: 'risk seeking above 0, risk averse below', usual: '2', range: [-50, 50] },
    ],
    make: ({ beta }) => ({
      title: 'risk-sensitive GRPO: exponential utility of the reward',
      source: '2509.24261',
      formula: {
        correct: '(e^beta/M - 1)/(beta n), M = (c e^beta + n - c)/n',
        wrong: '(1/M - 1)/(beta n)',
      },
      domain: 'beta != 0',
      objective: BY_IDENTITY,
      usesK: false,
      centred: true,
      isRational: irrational,
      undefinedBecause: () => (Number(beta) === 0 ? 'needs beta other than 0; its limit is dr-grpo' : null),
      correct: (group) => ({ rational: centredCorrect(group), scale: riskScale(group, Number(beta)) }),
      wrong: (group) => ({ rational: centredWrong(group), scale: riskScale(group, Number(beta)) }),
    }),
  },
  {
    id: 'f-grpo',
    parameters: [
      { name: 'gamma', help: 'power of the failure rate', usual: '1', range: [0, 100] },
      ...GRPO_PARAMETERS,
    ],
    make: (values) => {
      const scale = (group: GroupState): number =>
        grpoScale(group, values) *
        (group.c === group.n ? 1 : (1 - group.c / group.n) ** Number(values.gamma));
      return {
        title: 'focal GRPO: GRPO times the failure rate to a power',
        source: '2602.06717',
        formula: { correct: 'grpo (1-c/n)^gamma', wrong: 'grpo (1-c/n)^gamma' },
        domain: '',
        objective: BY_IDENTITY,
        usesK: false,
        centred: true,
        isRational: irrational,
        undefinedBecause: always,
        correct: (group) => ({ rational: centredCorrect(group), scale: scale(group) }),
        wrong: (group) => ({ rational: centredWrong(group), scale: scale(group) }),
      };
    },
  },
  plain('psr', {
    title: 'positive samples only (equals reinforce)',
    source: '2506.01347',
    formula: { correct: '1/n', wrong: '0' },
    objective: PASS_AT_1,
    centred: false,
    correct: ({ n }) => ratio(1, n),
    wrong: () => nothing,
  }),
  plain('nsr', {
    title: 'negative samples only',
    source: '2506.01347',
    formula: { correct: '0', wrong: '-1/n' },
    objective: PASS_AT_1,
    centred: false,
    correct: () => nothing,
    wrong: ({ n }) => ratio(-1, n),
  }),
  {
    id: 'w-reinforce',
    parameters: [{ name: 'lambda', help: 'weight of the positive samples', usual: '0.1', range: [0, 100] }],
    make: ({ lambda }) => {
      const positive = decimalFraction(lambda);
      return {
        title: 'weighted REINFORCE: negative samples, and some of the positive',
        source: '2506.01347',
        formula: { correct: 'lambda/n', wrong: '-1/n' },
        domain: '',
        objective: other('1 + lambda'),
        usesK: false,
        centred: false,
        isRational: fractions,
        undefinedBecause: always,
        correct: ({ n }) => rational(multiply(positive, fraction(1, n))),
        wrong: ({ n }) => ratio(-1, n),
      };
    },
  },
];

/** (k/(n−1)) ρ: the leave-one-out baseline of `pkpo-loo`. */
function baselineOfOthers({ n, k }: GroupState, pass: Fraction): Fraction {
  return multiply(fraction(k, n - 1), pass);
}

/** Every family with its usual parameters. */
export const estimators: readonly Estimator[] = families.map(({ id, parameters, make }) => ({
  id,
  ...make(Object.fromEntries(parameters.map(({ name, usual }) => [name, usual]))),
}));
