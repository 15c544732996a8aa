/**
 * Which windows a pretraining sees: all generic ones, a selector's list, or one cluster; and, for every method, a
 * share of in-domain windows among them (domain mixing), which makes the pretraining part of the specialization.
 */
import { InputError } from '../../../common/errors.ts';
import type { Json } from '../../../common/json.ts';
import { mixWindows } from '../../../corpus/windows/mixing.ts';
import { SubsetWindows } from '../../../corpus/windows/window-lists.ts';
import type { WindowSource } from '../../../corpus/windows/windows.ts';
import type { Stage, StageContext } from '../../../pipeline/stage.ts';
import { windowsByCluster as membersOf } from '../../../selection/clustering/histogram.ts';
import type { StageMaterial } from '../material.ts';
import { type DomainSet, type StageText, setInWords, setParameters } from '../stage-text.ts';
import { readAssignments } from './clustering-files.ts';
import { readWindowList } from './window-list.ts';

/** A selector's list, drawn by something for something, or the windows of one cluster. */
export type WindowChoice =
  | { readonly kind: 'selected'; readonly selection: Stage; readonly by: string }
  | { readonly kind: 'cluster'; readonly clustering: Stage; readonly cluster: number };

interface OpenableChoice {
  /** What is added to a label. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly inputs: Readonly<Record<string, Stage>>;
  open(context: StageContext, text: StageText): Promise<WindowSource>;
}

/** `set` is the in-domain text that is mixed in, or that a selector went by. */
export function windowChoice(
  material: StageMaterial,
  choice: WindowChoice | undefined,
  set: DomainSet,
): OpenableChoice {
  const { plan, generic, domain } = material;
  const chosen = openable(material, choice, set);
  const { domainShare } = plan.mixing;
  if (domainShare === 0) return chosen;
  return {
    name: `${chosen.name} with ${domainShare * 100} % from ${setInWords(set, domain.name)}`,
    parameters: { ...chosen.parameters, domainShare, ...setParameters(set) },
    inputs: { ...chosen.inputs, tokens: generic, domain: domain.tokens },
    async open(context, text) {
      const windows = await text.domain('domain', plan.context, set);
      return mixWindows(await chosen.open(context, text), windows, domainShare, set.seed);
    },
  };
}

function openable(
  { plan, generic, domain }: StageMaterial,
  choice: WindowChoice | undefined,
  set: DomainSet,
): OpenableChoice {
  const all = (text: StageText) => text.training('tokens', plan.context);
  if (choice === undefined) {
    return { name: '', parameters: {}, inputs: { tokens: generic }, open: (_, text) => all(text) };
  }
  if (choice.kind === 'selected') {
    return {
      name: ` on windows drawn by ${choice.by} for ${setInWords(set, domain.name)}`,
      parameters: {},
      inputs: { tokens: generic, selection: choice.selection },
      open: async (context, text) =>
        new SubsetWindows(await all(text), await readWindowList(context.input('selection'))),
    };
  }
  const { clustering, cluster } = choice;
  return {
    name: ` on cluster ${cluster}`,
    parameters: { cluster },
    inputs: { tokens: generic, clustering },
    async open(context, text) {
      const [own] = (await windowsByCluster(context, text, plan.context)).slice(cluster);
      if (own.count > 0) return own;
      throw new InputError(
        `Cluster ${cluster} has no generic windows, so no expert can be trained on it.`,
        'Lower mixture.experts in parlance.json, or add generic text.',
      );
    },
  };
}

/** The generic windows of each cluster, from the inputs `tokens` and `clustering`. */
export async function windowsByCluster(
  context: StageContext,
  text: StageText,
  length: number,
): Promise<SubsetWindows[]> {
  const windows = await text.training('tokens', length);
  const { clusters, assignments } = await readAssignments(context.input('clustering'));
  return membersOf(assignments, clusters).map((members) => new SubsetWindows(windows, members));
}
