/** How the stages of methods are defined, and the parameters that many of them have. */
import * as z from 'zod';
import { stageDefiner } from '../../pipeline/define-stage.ts';
import type { StageServices } from './services.ts';

export const defineStage = stageDefiner<StageServices>();

/** For stages that find all they need in their inputs. */
export const noPlaces = z.null();

const count = z.number();

/** Rows of a full context in a batch, and the parts that it is computed in. */
export const batchSchema = z.strictObject({ rows: count, microBatches: count });

export const recipeSchema = z.strictObject({
  matrices: z.enum(['normuon', 'muon', 'adamw']),
  matrixRate: count,
  adamRate: count,
  weightDecay: count,
  clipNorm: count,
});

export const domainTokensSchema = z.union([count, z.literal('all')]);

/** A domain's training set; `all` is the same for every seed. */
export const setFields = { domainTokens: domainTokensSchema, drawSeed: count.optional() };

export const projectionSchema = z.strictObject({ experts: count, slabs: count, expertWidth: count });

/** The embedding of windows: how, and for a sentence encoder the folder that it is in. */
export const embeddingPlaces = z.strictObject({ encoder: z.string().nullable() });
