/** An experiment as it was read and checked. */
import type { JsonPath } from '../../common/json-locations.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';

export interface Experiment {
  readonly name: string;
  /** Absolute path of the experiment file. */
  readonly file: string;
  readonly plan: ExperimentPlan;
  readonly methods: readonly string[];
}

/** What is wrong with an experiment file, and where: `path` leads to the value, or to where it is missing. */
export interface ExperimentProblem {
  readonly path: JsonPath;
  readonly message: string;
}
