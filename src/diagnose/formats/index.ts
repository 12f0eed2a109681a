/** Every format that is known by name, those with the surest marks first. */
import * as agents from './agents.ts';
import * as code from './code.ts';
import type { Format } from './format.ts';
import * as math from './math.ts';

export const FORMATS: readonly Format[] = [
  code.humanEval,
  code.evalPlus,
  code.evalPlusOld,
  code.codeEval,
  code.bigcodeMetrics,
  code.multiplE,
  math.lmEval,
  code.liveCodeBench,
  code.liveCodeBenchEval,
  math.qwenMath,
  math.openR1,
  math.monkeys,
  agents.verl,
  math.nemoSkills,
  agents.verifiers,
  agents.verifiersTraces,
  agents.inspect,
  math.openCompass,
  agents.tauBench,
  agents.tau2Bench,
  agents.sweBench,
  agents.sweBenchInstance,
];
