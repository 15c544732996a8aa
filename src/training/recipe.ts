/**
 * The recipe: what is tuned once and serves every method. Matrices are trained with NorMuon or Muon, embeddings and
 * norms with AdamW; docs/decisions has the measurement behind each choice.
 */

import type { TrainableTensor } from '../models/parameterization.ts';
import { adamW } from './optimizers/adamw.ts';
import { muon } from './optimizers/muon.ts';
import type { Optimizer } from './optimizers/optimizer.ts';

export interface Recipe {
  /** The optimizer of the matrices between the embeddings (of each slab of one); everything else has AdamW. */
  readonly matrices: 'normuon' | 'muon' | 'adamw';
  /** Learning rate of the matrices between the embeddings. */
  readonly matrixRate: number;
  /** Learning rate of embeddings, norms and low-rank factors. */
  readonly adamRate: number;
  /** Of `adamRate`, for the coefficients of slabs; a tenth unless said otherwise. */
  readonly coefficientShare?: number;
  readonly weightDecay: number;
  /** Gradients are scaled down to this norm. */
  readonly clipNorm: number;
}

/** For training from scratch. */
export const PRETRAINING: Recipe = {
  matrices: 'normuon',
  matrixRate: 0.005,
  adamRate: 0.03,
  weightDecay: 0.01,
  clipNorm: 1,
};

/** For adapting a pretrained model to a domain (docs/decisions/fine-tuning.md). */
export const FINE_TUNING: Recipe = {
  ...PRETRAINING,
  matrices: 'muon',
  matrixRate: 0.002,
  adamRate: 0.004,
};

/** The width that the rates are tuned at. */
const TUNED_WIDTH = 96;
/** Above it Muon's products on the small batches of fine-tuning cost more than the gradients. */
const WIDEST_FOR_MUON = 256;
const ADAMW_MATRIX_RATE = 0.002;

/** For adapting a model that may be much wider than the tuned ones: AdamW's rates fall as 1 / width (arXiv 2203.03466, table 3). */
export function forWideModel(recipe: Recipe, width: number): Recipe {
  const share = Math.min(1, TUNED_WIDTH / width);
  const own = { ...recipe, adamRate: recipe.adamRate * share };
  return width <= WIDEST_FOR_MUON
    ? own
    : { ...own, matrices: 'adamw', matrixRate: ADAMW_MATRIX_RATE * share };
}

/**
 * From scratch at another width than the tuned one: AdamW's rates fall as 1 / width (arXiv 2203.03466, table 3). Muon's steps
 * have a spectral norm of 0.2 sqrt(the longer side) times the rate; for one that does not grow with the width, the rate falls
 * as 1 / sqrt(width). Neither was tried at such widths.
 */
export function atWidth(recipe: Recipe, width: number): Recipe {
  const share = Math.min(1, TUNED_WIDTH / width);
  return {
    ...recipe,
    adamRate: recipe.adamRate * share,
    matrixRate: recipe.matrixRate * Math.sqrt(share),
  };
}

/** For low-rank factors, with AdamW: a step of theirs moves the whole matrix. */
export const LOW_RANK_FINE_TUNING: Recipe = { ...FINE_TUNING, adamRate: 0.0025 };

export const BETA1 = 0.9;
export const BETA2 = 0.95;

/** Coefficients of slabs take smaller steps than embeddings: each of them moves a whole matrix. */
const COEFFICIENT_SHARE = 0.1;

/** Chooses the optimizer of each tensor; a slab is a matrix of its own to Muon. */
export function optimizers(recipe: Recipe): (tensor: TrainableTensor) => Optimizer {
  const { matrixRate, adamRate, weightDecay, coefficientShare = COEFFICIENT_SHARE } = recipe;
  const adam = (learningRate: number) =>
    adamW({ learningRate, beta1: BETA1, beta2: BETA2, epsilon: 1e-8, weightDecay });
  const others = adam(adamRate);
  const normalizesRows = recipe.matrices === 'normuon';
  const matrices =
    recipe.matrices === 'adamw'
      ? adam(matrixRate)
      : muon({ learningRate: matrixRate, momentum: 0.95, weightDecay, normalizesRows });
  const coefficients = adam(adamRate * coefficientShare);
  return ({ role }) => {
    if (role === 'matrix' || role === 'slabs') return matrices;
    return role === 'coefficients' ? coefficients : others;
  };
}
