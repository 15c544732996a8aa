/**
 * Which windows a pretraining sees: all generic ones, a selector's list, or one cluster; and, for every method, a
 * share of in-domain windows among them (domain mixing), which makes the pretraining part of the specialization.
 */
import { InputError } from '../../common/errors.ts';
import type { Json } from '../../common/json.ts';
import { mixWindows } from '../../corpus/mixing.ts';
import { SubsetWindows } from '../../corpus/window-lists.ts';
import type { WindowSource } from '../../corpus/windows.ts';
import type { Stage, StageContext } from '../../pipeline/stage.ts';
import { windowsByCluster as membersOf } from '../../selection/histogram.ts';
import { histogramTokens } from '../experiment-plan.ts';
import { readAssignments } from './clustering.ts';
import { type StageMaterial, trainingWindows } from './material.ts';
import { readWindowList } from './window-list.ts';

/** A selector's list, or the windows of one cluster. */
export type WindowChoice =
  | { readonly kind: 'selected'; readonly selection: Stage; readonly by: string }
  | { readonly kind: 'cluster'; readonly clustering: Stage; readonly cluster: number };

interface OpenableChoice {
  /** What is added to a label. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly inputs: Readonly<Record<string, Stage>>;
  open(context: StageContext, seed: number): Promise<WindowSource>;
}

export function windowChoice(material: StageMaterial, choice: WindowChoice | undefined): OpenableChoice {
  const { plan, generic, domain } = material;
  const chosen = openable(material, choice);
  const { domainShare } = plan.mixing;
  if (domainShare === 0) return chosen;
  return {
    name: `${chosen.name} with ${domainShare * 100} % of ${domain.name}`,
    parameters: { ...chosen.parameters, domainShare, domainTokens: histogramTokens(plan) },
    inputs: { ...chosen.inputs, tokens: generic, domain: domain.tokens },
    async open(context, seed) {
      const windows = await trainingWindows(context.input('domain'), plan.context, histogramTokens(plan));
      return mixWindows(await chosen.open(context, seed), windows, domainShare, seed);
    },
  };
}

function openable({ plan, generic }: StageMaterial, choice: WindowChoice | undefined): OpenableChoice {
  const all = (context: StageContext) => trainingWindows(context.input('tokens'), plan.context);
  if (choice === undefined) return { name: '', parameters: {}, inputs: { tokens: generic }, open: all };
  if (choice.kind === 'selected') {
    return {
      name: ` on windows drawn by ${choice.by}`,
      parameters: {},
      inputs: { tokens: generic, selection: choice.selection },
      open: async (context) =>
        new SubsetWindows(await all(context), await readWindowList(context.input('selection'))),
    };
  }
  const { clustering, cluster } = choice;
  return {
    name: ` on cluster ${cluster}`,
    parameters: { cluster },
    inputs: { tokens: generic, clustering },
    async open(context) {
      const [own] = (await windowsByCluster(context, plan.context)).slice(cluster);
      if (own.count > 0) return own;
      throw new InputError(
        `Cluster ${cluster} has no generic windows, so no expert can be trained on it.`,
        'Lower mixture.experts in parlance.json, or add generic text.',
      );
    },
  };
}

/** The generic windows of each cluster, from the inputs `tokens` and `clustering`. */
export async function windowsByCluster(context: StageContext, length: number): Promise<SubsetWindows[]> {
  const windows = await trainingWindows(context.input('tokens'), length);
  const { clusters, assignments } = await readAssignments(context.input('clustering'));
  return membersOf(assignments, clusters).map((members) => new SubsetWindows(windows, members));
}
