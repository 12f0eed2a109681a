/** What a run of a configuration would be, as data: a reference that was made by another plan is too old to be shown. */
import { canonicalJson, sha256 } from '../../input/canonical.ts';
import { estimators } from '../../estimators/estimators.ts';
import { weightTables } from '../../estimators/weightTables.ts';
import { CLAIM_TEXTS } from './claims.ts';
import { EXPERIMENTS } from './experiments.ts';
import type { Config } from '../settings.ts';

/** Tables at this n and k stand for the formulas of the catalogue. */
const SAMPLE = { n: 8, k: 4 };

/** Settings, experiments with their draws and families, the catalogue's weights, and the claims as they are worded. */
export function planHash(config: Config): Promise<string> {
  const { tables } = weightTables(estimators, [SAMPLE.n], [SAMPLE.k]);
  return sha256(
    canonicalJson({
      config,
      experiments: EXPERIMENTS.map(({ name, question, drawIds, families }) => ({
        name,
        question,
        drawIds,
        families,
      })),
      estimators: tables.map(({ estimatorId, correct, wrong }) => ({
        id: estimatorId,
        correct: [...correct],
        wrong: [...wrong],
      })),
      claims: CLAIM_TEXTS,
    }),
  );
}
