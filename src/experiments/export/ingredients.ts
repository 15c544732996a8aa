/**
 * What went into a model besides what its method says: models from elsewhere, and in-domain text in pretraining. Read from the
 * tree of what its artifact was made from, since the same settings mean another thing for another method.
 */
import * as z from 'zod';
import { givenFolder } from '../../methods/stages/given-model.ts';
import type { MadeFrom, Provenance } from '../../pipeline/explain.ts';

export interface Ingredients {
  /** The folder of a model from elsewhere that this one is, or began with. */
  readonly given?: string;
  /** That of one from elsewhere with which the model began that this one was distilled from. */
  readonly givenTeacher?: string;
  readonly mixed?: MixedText;
  /** A stage was cleaned away: what it took in is not known. */
  readonly isPartial: boolean;
}

/** In-domain text in a pretraining. */
export interface MixedText {
  /** Of the tokens. */
  readonly share: number;
  /** What a cap on repetition may lessen. */
  readonly isAtMost: boolean;
  /** While the learning rate falls, or all along. */
  readonly part: 'last' | 'all';
}

const TEACHER = 'teacher';
const PRETRAININGS = ['pretrain', 'pretrain-trunk'];
const mixingSchema = z.object({ domainShare: z.number(), domainRepetition: z.number().optional() });

export function ingredientsOf(root: Provenance): Ingredients {
  const all = nodesOf(root);
  const own = all.filter(({ ofTeacher }) => !ofTeacher).map(({ node }) => node);
  const teachers = all.filter(({ ofTeacher }) => ofTeacher).map(({ node }) => node);
  const [given, givenTeacher] = [givenOf(own), givenOf(teachers)];
  const mixed = mixedIn(own.filter(isThere));
  return {
    ...(given !== undefined && { given }),
    ...(givenTeacher !== undefined && { givenTeacher }),
    ...(mixed && { mixed }),
    isPartial: all.some(({ node }) => !isThere(node)),
  };
}

interface PlacedNode {
  readonly node: Provenance;
  readonly ofTeacher: boolean;
}

/** Each artifact once; what a model and its teacher share is the model's own. */
function nodesOf(root: Provenance): readonly PlacedNode[] {
  const found = new Map<string, PlacedNode>();
  const visit = (node: Provenance, ofTeacher: boolean): void => {
    const known = found.get(node.fingerprint);
    if (known !== undefined && (ofTeacher || !known.ofTeacher)) return;
    found.set(node.fingerprint, { node, ofTeacher });
    if (!isThere(node)) return;
    for (const [role, input] of Object.entries(node.inputs)) visit(input, ofTeacher || role === TEACHER);
  };
  visit(root, false);
  return [...found.values()];
}

function givenOf(nodes: readonly Provenance[]): string | undefined {
  const taken = nodes.filter(isThere).find(({ kind }) => kind === 'given-model');
  return taken && givenFolder(taken.label);
}

function mixedIn(nodes: readonly MadeFrom[]): MixedText | undefined {
  const trainings = nodes.filter(({ kind }) => PRETRAININGS.includes(kind));
  const mixing = trainings.flatMap(({ parameters }) => mixingSchema.safeParse(parameters).data ?? []);
  if (mixing.length === 0) return undefined;
  const [{ domainShare: share, domainRepetition }] = mixing;
  const part = mixing.length < trainings.length ? 'last' : 'all';
  return { share, isAtMost: domainRepetition !== undefined, part };
}

const isThere = (node: Provenance): node is MadeFrom => node.state === 'there';
