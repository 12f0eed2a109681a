/**
 * Every reader of what comes from outside, with texts that are right to start from, and as much of what follows the reading
 * as a command would do.
 */
import { requestedFile } from '../browser/serve.ts';
import { readTallyFile } from '../../src/engine/tallyFile.ts';
import { estimators } from '../../src/estimators/estimators.ts';
import { weightTables } from '../../src/estimators/weightTables.ts';
import { diagnoseFiles } from '../../src/diagnose/readFiles.ts';
import { identifyTable } from '../../src/identify/identify.ts';
import { readOwnEstimators } from '../../src/identify/readOwn.ts';
import { parseJson } from '../../src/input/schema.ts';
import { configFromQuery, configQuery } from '../../src/lab/settings.ts';
import { compareReports, readReport } from '../../src/lab/suite/compare.ts';
import { compileProblem } from '../../src/problem/problem.ts';
import { parseProblem } from '../../src/problem/problemFile.ts';
import { totalVariance, weightMoments } from '../../src/theory/estimatorTheory.ts';
import { solvePrompt } from '../../src/theory/promptTheory.ts';

export interface Target {
  readonly name: string;
  readonly seeds: readonly string[];
  /** what was made of the text; throws an InputError where it is refused */
  readonly read: (text: string) => unknown;
}

/** Cells of a policy, at most, whose theory is solved as well: the reading is under test, not the patience. */
const MOST_CELLS = 2000;

const problem = (accept: string, rest = ''): string =>
  `{"format":"passk-problem@1","vocab":3,"horizon":2,"context":"none"${rest},"prompts":[{"id":"p0",` +
  `"logits":[[0.1,-1,0],[0,0,2]],"accept":${accept}},{"id":"p1","probabilities":[[0.5,0.25,0.25],[1,0,0]],"accept":${accept}}]}`;

const report = JSON.stringify({
  format: 'passk-report@1',
  outcome: 'agrees',
  config: { preset: 'quick', seed: 1, ks: [1, 2] },
  versions: { processor: 'some' },
  environment: { runtime: 'r', adapter: 'a', software: true },
  signal: {
    tallies: [{ place: 'signal p0', sha256: 'x' }],
    families: [{ family: 'silence', rejected: 0 }],
    controls: [{ id: 'c', flagged: true }],
  },
  relation: { problems: [{ id: 't1', prompts: [{ id: 'p0', tallySha256: 'y' }] }] },
  throughput: { rows: [{ level: 'groups', tokensPerSecond: 100 }] },
});

const tally = JSON.stringify({
  format: 'passk-tally@1',
  problemSha256: 'a'.repeat(64),
  massesSha256: 'b'.repeat(64),
  sampler: 'cdf@1',
  level: 'moments',
  seed: 1,
  experiment: 0,
  groupSize: 2,
  firstGroup: 0,
  groupCount: 3,
  prompts: [{ id: 'p0', groups: ['1', '1', '1'], second: [[0, 1, '5', '-3', '2']] }],
  sha256: 'c'.repeat(64),
});

function evaluation(name: string): (text: string) => Promise<unknown> {
  return async (text) => {
    async function* pieces(): AsyncGenerator<string, void, void> {
      for (let at = 0; at < text.length; at += 37) yield Promise.resolve(text.slice(at, at + 37));
    }
    const source = { name, path: name, sizeBytes: text.length, pieces };
    return diagnoseFiles(
      [source],
      { resamples: '100' },
      (setting) => setting,
      () => undefined,
    );
  };
}

export const TARGETS: readonly Target[] = [
  {
    name: 'problem files, compiled and solved',
    seeds: [
      problem('{"sequences":[[0,1],[2,2]]}'),
      problem('{"sum":{"modulus":3,"residue":1}}', ',"features":[[1,0.5],[1,-2]]'),
      problem('{"automaton":{"start":0,"accept":[1],"next":[[0,1,0],[1,1,0]]}}'),
    ],
    read: (text) => {
      const compiled = compileProblem(parseProblem(text));
      if (compiled.prompts.length * compiled.rowCount * compiled.vocab > MOST_CELLS) return null;
      const { tables } = weightTables(estimators, [4], [2]);
      return compiled.prompts.map((prompt) => {
        const theory = solvePrompt(compiled, prompt);
        const { successProb, failureProb, gradientNormSq } = theory;
        return {
          successProb,
          gradientNormSq,
          variances: tables.map((table) =>
            totalVariance(weightMoments(table, successProb, failureProb), theory),
          ),
        };
      });
    },
  },
  {
    name: 'estimator files, identified',
    seeds: [
      '{"format":"passk-estimator@1","name":"mine","n":4,"k":2,"correct":[null,"1/4",0.25,0.25,0.25],"wrong":[0,0,0,0,null]}',
      '[{"format":"passk-estimator@1","name":"a","n":2,"k":1,"correct":[0.5,0.5],"wrong":[0,-0.5]}]',
      'n,c,reward,advantage\n2,1,1,0.5\n2,1,0,-0.5\n2,0,0,0\n2,2,1,0\n',
    ],
    read: (text) => readOwnEstimators(text, 'own', 'sum').map((own) => identifyTable(own)),
  },
  {
    name: 'logs of trainers, identified',
    seeds: [
      'step;prompt;reward;advantage\n1;a;1;0.5\n1;a;0;-0.5\n1;b;0;0\n1;b;0;0\n2;a;1;0\n2;a;1;0\n',
      '{"prompt":"a","step":3,"accuracy_reward":1,"advantage":0.7}\n{"prompt":"a","step":3,"accuracy_reward":0,"advantage":-0.7}\n',
      '[{"prompt":"a","rewards":[1,-1],"advantages":[1.0,-1.0],"length":[3,4]},{"prompt":"b","rewards":[1,1],"advantages":[0,0],"length":[1,2]}]',
    ],
    read: (text) => readOwnEstimators(text, 'log', 'open').map((own) => identifyTable(own)),
  },
  {
    name: 'tallies',
    seeds: [tally],
    read: async (text) => readTallyFile(parseJson(text, 'tally'), 'tally'),
  },
  {
    name: 'reports, compared',
    seeds: [report],
    read: (text) => {
      const own = readReport(parseJson(text, 'report'), 'report');
      return compareReports(own, own, 'a', 'b');
    },
  },
  {
    name: 'queries of the page',
    seeds: [
      '?preset=standard&seed=7&ks=1,2,4&estimators=pkpo,grpo:std=sample&groupSizes=4,8&tokensPerPrompt=65536',
    ],
    read: (text) => configQuery(configFromQuery(text)),
  },
  {
    name: 'evaluations as CSV, diagnosed',
    seeds: [
      'problem,n,correct,model\np0,8,3,a\np1,8,0,a\np2,8,8,a\np0,8,5,b\np1,8,1,b\np2,8,8,b\n',
      'problem;correct;checkpoint\r\np0;true;1\r\np0;false;1\r\np1;1;2\r\n"p ""1""";0;2\r\n',
    ],
    read: evaluation('eval.csv'),
  },
  {
    name: 'evaluations as JSONL, diagnosed',
    seeds: [
      '{"problem":"p0","correct":true,"model":"a"}\n{"problem":"p0","correct":0,"model":"a"}\n{"problem":"p1","reward":1,"model":"b"}\n',
      '{"task_id":1,"passed":false}\n{"task_id":1,"passed":true}\n',
    ],
    read: evaluation('eval.jsonl'),
  },
  {
    name: 'evaluations as JSON, diagnosed',
    seeds: [
      '[{"problem":"p0","score":[true,false]},{"problem":"p1","score":[false,false]}]',
      '{"results":{"p0":{"n":4,"correct":3},"p1":{"n":4,"correct":0}},"model":"m"}',
      '{"eval":{"task":"t","model":"m"},"plan":{},"samples":[{"id":1,"epoch":1,"scores":{"a":{"value":"C"}}},{"id":2,"epoch":1,"scores":{"a":{"value":"I"}}}]}',
      '{"columns":["problem","correct"],"data":[["p",1],["p",0],["q",1]]}',
    ],
    read: evaluation('eval.json'),
  },
  {
    name: 'results of harnesses, diagnosed',
    seeds: [
      '{"task_id":"a/0","completion":"x","result":"passed","passed":true}\n{"task_id":"a/0","completion":"y","result":"failed: ","passed":false}\n',
      '{"input":"q","output":"x","score":-1.0,"step":1,"acc":false}\n{"input":"q","output":"y","score":1.0,"step":2,"acc":true}\n',
      '{"doc_id":0,"doc":{},"target":"5","resps":[["5"]],"filtered_resps":["5"],"filter":"none","metrics":["exact_match"],"exact_match":1.0}\n{"doc_id":1,"doc":{},"target":"5","resps":[["6"]],"filtered_resps":["6"],"filter":"none","metrics":["exact_match"],"exact_match":0.0}\n',
    ],
    read: evaluation('eval.jsonl'),
  },
  { name: 'targets of requests', seeds: ['/index.html', '/assets/a.js?x=1#y'], read: requestedFile },
];
