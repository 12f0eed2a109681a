/** What a policy is trained with: the run's estimators, and the token-level rules beside them. */
import { catalogued } from '../estimators/estimatorSpec.ts';
import { weightTable, type NotDefined, type WeightTable } from '../estimators/weightTables.ts';
import { DEFAULT_SIMKO, type Simko } from '../engine/training.ts';
import type { Config } from './settings.ts';
import { teachingTables, trainedTables } from './trainedTables.ts';

export interface Objective {
  readonly id: string;
  readonly weights: WeightTable;
  readonly simko: Simko | null;
  readonly entropyBonus: number;
}

/** Large enough that the six paths of the tree survive Adam at the experiment's rate; a tenth of it is not. */
const ENTROPY_BONUS = 0.3;

/** "pkpo-loo1 k=4" */
export const nameOf = ({ estimatorId, k }: WeightTable): string =>
  k === null ? estimatorId : `${estimatorId} k=${k}`;

export function objectiveList(
  config: Config,
  own: readonly WeightTable[],
): {
  readonly objectives: readonly Objective[];
  readonly notDefined: readonly NotDefined[];
} {
  const { tables, notDefined } = teachingTables(trainedTables(config, own));
  const plain = { simko: null, entropyBonus: 0 };
  const grpo = catalogued('grpo');
  const weights = weightTable(grpo, config.groupSize, null);
  return {
    notDefined,
    objectives: [
      ...tables.map((table) => ({ ...plain, id: nameOf(table), weights: table })),
      { ...plain, id: 'grpo + entropy bonus', weights, entropyBonus: ENTROPY_BONUS },
      { ...plain, id: 'grpo + SimKO', weights, simko: DEFAULT_SIMKO },
    ],
  };
}
