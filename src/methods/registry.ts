/** All methods. A new one is a file of its own and a line here. */
import { llm, llmLowRank } from './llm.ts';
import type { Method } from './method.ts';
import { slm } from './slm.ts';
import { slmNopt } from './slm-nopt.ts';

export const methods: readonly Method[] = [slmNopt, slm, llm, llmLowRank];
