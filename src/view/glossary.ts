/** The words that the terminal, the page and the reports use, a line each. */
export interface Term {
  readonly term: string;
  readonly meaning: string;
}

export const GLOSSARY: readonly Term[] = [
  {
    term: 'prompt',
    meaning: 'a question with a policy of its own; a verifier says of each answer whether it is right',
  },
  { term: 'trajectory', meaning: 'one answer: T tokens of V, drawn one after the other' },
  { term: 'J1', meaning: 'pass@1: the chance that one trajectory is right' },
  { term: 'J_k', meaning: 'pass@k = 1 - (1 - J1)^k: the chance that one of k is right' },
  { term: 'gap', meaning: 'J_k - J1' },
  { term: 'alpha_k', meaning: 'k (1 - J1)^(k-1): by the theorem, grad J_k = alpha_k grad J1' },
  { term: 'group', meaning: 'n trajectories of one prompt; c of them are right' },
  {
    term: 'estimator',
    meaning: 'a rule for the weights: w1(c) for a right trajectory, w0(c) for a wrong one',
  },
  {
    term: 'G',
    meaning: "a group's gradient estimate: the sum over its trajectories of weight times grad log pi",
  },
  { term: 'alpha_eff', meaning: 'what an estimator really estimates: E G = alpha_eff grad J1' },
  { term: 'unbiased', meaning: 'alpha_eff = alpha_k: right on average' },
  { term: 'centred', meaning: 'the weights of every group add up to 0: a constant reward moves nothing' },
  { term: 'slope', meaning: 'G . grad J1 / |grad J1|^2; its mean is alpha_eff' },
  { term: 'Var G', meaning: "the trace of G's covariance: the noise of one group" },
  { term: 'SNR', meaning: '|E G|^2 / Var G of one group, a ratio of powers' },
  {
    term: 'samples for SNR 1',
    meaning: 'n / SNR: trajectories until the mean gradient is as long as its noise',
  },
  { term: 'silent group', meaning: 'a group in which every weight is 0: it teaches nothing' },
  {
    term: 'mode',
    meaning: 'a set of right trajectories that counts as one way to answer; M1 the common one, M2 a rare one',
  },
  {
    term: 'maj@k',
    meaning: 'the chance that the most frequent answer of k is right; ties are broken evenly',
  },
  { term: 'replica', meaning: 'one parameter vector in training, with draws of its own' },
  {
    term: 'agrees',
    meaning: 'not rejected, by enough groups to see a deviation of 10 % with a chance of 95 %',
  },
  {
    term: 'disagrees',
    meaning: 'rejected; an honest run of all experiments does so by chance in one of a thousand',
  },
  {
    term: 'inconclusive',
    meaning: 'neither: it needs more groups, and the report says which preset has them',
  },
  {
    term: 'out of reach',
    meaning: 'more than 1e9 trajectories of one prompt would be needed: a finding on the estimator',
  },
  {
    term: 'by plain sampling',
    meaning: 'trajectories as the policy draws them: the law of c is tested, too',
  },
  {
    term: 'given the outcome',
    meaning: 'right and wrong trajectories drawn by design (cdf@1/classes), the law of c from theory',
  },
  {
    term: 'deliberate mistake',
    meaning: 'a wrong estimator, law or kernel that a run must see; if it does not, the run fails',
  },
  { term: 'holds', meaning: 'of a claim: as stated, in the cases decided' },
  { term: 'holds if', meaning: 'of a claim: under the condition that is named, and not without' },
  { term: 'not its own', meaning: 'of a claim: true, but of pass@1 as well' },
  { term: 'fails', meaning: 'of a claim: false where it is named; a finding, not a fault of the run' },
  { term: 'undecided', meaning: 'of a claim: no check or case of this run decides it' },
  {
    term: 'proved, enumerated, sampled',
    meaning: 'what decides a claim: a proof, every case computed, or trajectories drawn',
  },
  {
    term: 'engine',
    meaning: 'what samples and trains: gpu (WebGPU), cpu (compiled kernels), twin (plain TypeScript)',
  },
  { term: 'adapter', meaning: 'what WebGPU runs on: a graphics card, or software in its place' },
  { term: 'tally', meaning: 'exact counts of what was drawn, with a hash that every engine must reproduce' },
  { term: 'preset', meaning: 'quick, standard or full: how much is sampled and trained' },
];
