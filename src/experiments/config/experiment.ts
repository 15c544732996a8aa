/** An experiment as it was read and checked. */
import type { JsonPath } from '../../common/json-locations.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';
import type { PresetName } from './presets.ts';

export interface Experiment {
  readonly name: string;
  /** Absolute path of the experiment file. */
  readonly file: string;
  readonly plan: ExperimentPlan;
  readonly methods: readonly string[];
  /** What fills in where the file is silent, where another preset than the file's was asked for. */
  readonly preset?: PresetName;
}

/** What is wrong with an experiment file, and where: `path` leads to the value, or to where it is missing. */
export interface ExperimentProblem {
  readonly path: JsonPath;
  readonly message: string;
}
