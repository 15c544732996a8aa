/** Facts about corpora and methods for results, read from artifacts. */

import type { MethodFacts } from '../../budget/measurement.ts';
import { DocumentStore } from '../../corpus/documents/document-store.ts';
import type { Split } from '../../corpus/documents/report.ts';
import { TokenStore } from '../../corpus/tokens/token-store.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';
import type { Method } from '../../methods/method.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { CorpusFacts } from '../results/results.ts';
import type { ExperimentStages } from './grid.ts';
import { plannedFacts } from './model-facts.ts';

export async function corpusFacts(
  identity: Pick<CorpusFacts, 'role' | 'name' | 'fingerprint'>,
  corpusDirectory: string,
  tokensDirectory: string,
): Promise<CorpusFacts> {
  const { report } = await DocumentStore.open(corpusDirectory);
  const store = await TokenStore.open(tokensDirectory);
  const perSplit = (value: (split: Split) => number): Record<Split, number> => ({
    train: value('train'),
    validation: value('validation'),
    heldout: value('heldout'),
  });
  const { copies, removed } = report.nearDuplicates;
  return {
    ...identity,
    documents: perSplit((split) => store.totals(split).documents),
    tokens: perSplit((split) => store.totals(split).tokens),
    bytes: perSplit((split) => store.totals(split).bytes),
    skipped: report.skipped.map(({ explanation, count }) => ({ reason: explanation, count })),
    duplicates: {
      exact: report.exactDuplicates.documents,
      near: copies,
      takenOut: removed.documents,
    },
  };
}

/** What is told of methods; how their models are made says whether they read generic text for each domain. */
export function methodFacts(
  methods: readonly Method[],
  plan: ExperimentPlan,
  { points, generic }: Pick<ExperimentStages, 'points' | 'generic'>,
): MethodFacts[] {
  const genericText = new Set(generic && [fingerprint(generic.corpus), fingerprint(generic.tokens)]);
  return methods.map((one) => {
    const facts = plannedFacts(one, plan);
    const own = points.find(({ method, phase }) => method.id === one.id && phase === 'after fine-tuning');
    if (own === undefined) return facts;
    return { ...facts, readsGenericForDomain: readsForDomain(own.model, genericText) };
  });
}

/** Whether a stage that is paid for each domain takes generic text itself, anywhere on the way to a model. */
function readsForDomain(stage: Stage, genericText: ReadonlySet<string>): boolean {
  const inputs = Object.values(stage.inputs);
  const reads =
    stage.booking === 'specialization' && inputs.some((input) => genericText.has(fingerprint(input)));
  return reads || inputs.some((input) => readsForDomain(input, genericText));
}
