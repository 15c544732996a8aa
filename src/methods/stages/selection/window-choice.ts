/**
 * Which windows a pretraining sees: all generic ones, a selector's list, or one cluster; and a share of in-domain windows
 * among them (domain mixing), which makes the pretraining part of the specialization.
 */
import * as z from 'zod';
import { GraphError, InputError } from '../../../common/errors.ts';
import { mixWindows } from '../../../corpus/windows/mixing.ts';
import { SubsetWindows } from '../../../corpus/windows/window-lists.ts';
import type { WindowSource } from '../../../corpus/windows/windows.ts';
import type { StageInput } from '../../../pipeline/define-stage.ts';
import type { Stage } from '../../../pipeline/stage.ts';
import { windowsByCluster as membersOf } from '../../../selection/clustering/histogram.ts';
import type { DecayPlan, MixingPlan } from '../../experiment-plan.ts';
import { domainTokensSchema, setFields } from '../define.ts';
import type { MethodInputs } from '../method-inputs.ts';
import { type DomainSet, type StageText, setInWords, setParameters } from '../stage-text.ts';
import { readAssignments } from './clustering-files.ts';
import { readWindowList } from './window-list.ts';

/** A selector's list, drawn by something for something, the windows of one cluster, or of all, cluster by cluster. */
export type WindowChoice =
  | {
      readonly kind: 'selected';
      readonly selection: Stage;
      readonly by: string;
      /** In-domain windows while the learning rate falls; of a model that was given, all along. */
      readonly mixing?: DecayPlan;
    }
  | { readonly kind: 'cluster'; readonly clustering: Stage; readonly cluster: number }
  | { readonly kind: 'clusters'; readonly clustering: Stage };

/** What a pretraining's parameters say of its windows. */
export const windowFields = {
  /** Of a clustering, the cluster whose windows are seen. */
  cluster: z.number().optional(),
  /** Share of in-domain windows that are mixed in, and of which set. */
  domainShare: z.number().optional(),
  ...setFields,
  domainTokens: domainTokensSchema.optional(),
};
/** Besides, of windows that are not a stable phase's: how often each in-domain one stands among them at most. */
export const repetitionField = { domainRepetition: z.number().optional() };
export type WindowParameters = Readonly<z.infer<z.ZodObject<typeof windowFields & typeof repetitionField>>>;

/** The roles of the text that a pretraining reads. */
export const windowRoles = {
  tokens: 'one',
  selection: 'optional',
  clustering: 'optional',
  domain: 'optional',
} as const;

export interface ChosenWindows {
  /** What is added to a label. */
  readonly name: string;
  readonly parameters: WindowParameters;
  readonly inputs: {
    readonly tokens: Stage;
    readonly selection?: Stage;
    readonly clustering?: Stage;
    readonly domain?: Stage;
  };
}

/** `set` is the in-domain text that is mixed in, or that a selector went by. */
export function windowChoice(
  given: MethodInputs,
  choice: WindowChoice | undefined,
  set: DomainSet,
): ChosenWindows {
  const { plan, generic, domain } = given;
  const chosen = chosenWindows(generic, choice, setInWords(set, domain.name));
  const { domainShare, maximumRepetition } = domainMixing(plan.mixing, choice);
  if (domainShare === 0) return chosen;
  const atMost = maximumRepetition === undefined ? '' : 'up to ';
  return {
    name: `${chosen.name} with ${atMost}${Number((domainShare * 100).toPrecision(3))} % from ${setInWords(set, domain.name)}`,
    parameters: {
      ...chosen.parameters,
      domainShare,
      ...(maximumRepetition !== undefined && { domainRepetition: maximumRepetition }),
      ...setParameters(set),
    },
    inputs: { ...chosen.inputs, domain: domain.tokens },
  };
}

function domainMixing(
  { domainShare }: MixingPlan,
  choice: WindowChoice | undefined,
): Pick<DecayPlan, 'domainShare'> & Partial<DecayPlan> {
  const own = choice?.kind === 'selected' ? choice.mixing : undefined;
  return domainShare > 0 || own === undefined ? { domainShare } : own;
}

function chosenWindows(generic: Stage, choice: WindowChoice | undefined, set: string): ChosenWindows {
  if (choice === undefined) return { name: '', parameters: {}, inputs: { tokens: generic } };
  if (choice.kind === 'selected') {
    const { selection, by } = choice;
    return {
      name: ` on windows drawn by ${by} for ${set}`,
      parameters: {},
      inputs: { tokens: generic, selection },
    };
  }
  const inputs = { tokens: generic, clustering: choice.clustering };
  if (choice.kind === 'clusters') return { name: '', parameters: {}, inputs };
  const { cluster } = choice;
  return { name: ` on cluster ${cluster}`, parameters: { cluster }, inputs };
}

/** The inputs of a pretraining that hold its text. */
export interface WindowInputs {
  readonly tokens: StageInput;
  readonly selection: StageInput | undefined;
  readonly clustering: StageInput | undefined;
  readonly domain: StageInput | undefined;
}

/** The parameters of a pretraining that say what it sees; `seed` is that of the pretraining. */
type OpenedBy = WindowParameters & { readonly context: number; readonly seed: number };

/** Opens the windows that the parameters and inputs of a pretraining name. */
export async function openWindows(
  text: StageText,
  inputs: WindowInputs,
  parameters: OpenedBy,
): Promise<WindowSource> {
  const mixed = await mixingIn(text, inputs, parameters);
  return mixed(await openChosen(text, inputs, parameters));
}

/** All generic windows by their clusters, each with its share of in-domain ones; and the generic tokens of each. */
export async function openWindowsByCluster(
  text: StageText,
  inputs: WindowInputs,
  parameters: OpenedBy,
): Promise<{ readonly windows: readonly WindowSource[]; readonly tokens: readonly number[] }> {
  const clusters = await windowsByCluster(text, inputs, parameters.context);
  const mixed = await mixingIn(text, inputs, parameters);
  return { windows: clusters.map(mixed), tokens: clusters.map(({ tokens }) => tokens) };
}

/** Adds the share of in-domain windows that the parameters name, if any. */
async function mixingIn(
  text: StageText,
  inputs: WindowInputs,
  { domainShare: share, domainRepetition, domainTokens, drawSeed, context, seed }: OpenedBy,
): Promise<(own: WindowSource) => WindowSource> {
  if (share === undefined || domainTokens === undefined) return (own) => own;
  const windows = await text.domain(required(inputs, 'domain'), context, { domainTokens, drawSeed });
  const mixing = { share, maximumRepetition: domainRepetition };
  return (own) => mixWindows(own, windows, mixing, seed);
}

async function openChosen(
  text: StageText,
  inputs: WindowInputs,
  { context, cluster }: WindowParameters & { readonly context: number },
): Promise<WindowSource> {
  if (cluster !== undefined) {
    const [own] = (await windowsByCluster(text, inputs, context)).slice(cluster);
    if (own.count > 0) return own;
    throw new InputError(
      `Cluster ${cluster} has no generic windows, so no expert can be trained on it.`,
      'Lower mixture.experts in parlance.json, or add generic text.',
    );
  }
  const all = await text.training(inputs.tokens, context);
  const { selection } = inputs;
  return selection === undefined ? all : new SubsetWindows(all, await readWindowList(selection.directory));
}

/** The generic windows of each cluster. */
async function windowsByCluster(
  text: StageText,
  inputs: Pick<WindowInputs, 'tokens' | 'clustering'>,
  length: number,
): Promise<SubsetWindows[]> {
  const windows = await text.training(inputs.tokens, length);
  const { clusters, assignments } = await readAssignments(required(inputs, 'clustering').directory);
  return membersOf(assignments, clusters).map((members) => new SubsetWindows(windows, members));
}

function required<Role extends string>(
  inputs: Readonly<Partial<Record<Role, StageInput>>>,
  role: Role,
): StageInput {
  const input = inputs[role];
  if (input !== undefined) return input;
  throw new GraphError(`A pretraining lacks the input "${role}".`, 'Name the input in the stage.');
}
