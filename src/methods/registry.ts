/** All methods. A new one is a file of its own and a line here. */
import { llm, llmLowRank } from './llm.ts';
import type { Method } from './method.ts';
import { slm, slmLowRank } from './slm.ts';
import { slmD } from './slm-d.ts';
import { slmDsir } from './slm-dsir.ts';
import { slmIs, slmIsCont } from './slm-is.ts';
import { slmMix } from './slm-mix.ts';
import { slmNopt } from './slm-nopt.ts';
import { slmPn } from './slm-pn.ts';

export const methods: readonly Method[] = [
  slmNopt,
  slm,
  slmLowRank,
  llm,
  llmLowRank,
  slmD,
  slmIs,
  slmIsCont,
  slmDsir,
  slmMix,
  slmPn,
];
