/** The tokens that a stage reads, from its inputs: whole corpora, or a domain's set of a given size. */

import { TokenStore } from '../../corpus/tokens/token-store.ts';
import { DrawnWindows } from '../../corpus/windows/nested-draw.ts';
import { type EvaluatedWindows, selectDocuments, WindowSet } from '../../corpus/windows/windows.ts';
import type { Stage, StageContext } from '../../pipeline/stage.ts';
import { formatTokens } from './words.ts';

/** Which of a domain's training text: so many tokens of the nested draw of a seed, or all of it. */
export interface DomainSet {
  readonly tokens: number | 'all';
  /** Another seed draws another set of that size; `all` is the same for every seed. */
  readonly seed: number;
}

/** What of a set belongs into a fingerprint. */
export function setParameters({ tokens, seed }: DomainSet): Record<string, number | string> {
  return tokens === 'all' ? { domainTokens: tokens } : { domainTokens: tokens, drawSeed: seed };
}

/** For people: `all of letters`, `2.05k tokens of letters`. */
export function setInWords({ tokens }: Pick<DomainSet, 'tokens'>, domain: string): string {
  return tokens === 'all' ? `all of ${domain}` : `${formatTokens(tokens)} tokens of ${domain}`;
}

/** Opens token stores for a stage and closes them all. */
export class StageText {
  readonly #context: Pick<StageContext, 'input'>;
  readonly #stores: TokenStore[] = [];

  constructor(context: Pick<StageContext, 'input'>) {
    this.#context = context;
  }

  async store(role: string): Promise<TokenStore> {
    const store = await TokenStore.open(this.#context.input(role));
    this.#stores.push(store);
    return store;
  }

  /** The training windows of an input. */
  async training(role: string, context: number): Promise<WindowSet> {
    const store = await this.store(role);
    return new WindowSet(store, selectDocuments(store, 'train'), context);
  }

  /** The windows of a domain's training set. */
  async domain(role: string, context: number, { tokens, seed }: DomainSet): Promise<EvaluatedWindows> {
    const all = await this.training(role, context);
    return tokens === 'all' ? all : new DrawnWindows(all, { tokens, seed });
  }

  close(): void {
    for (const store of this.#stores) store.close();
  }
}

/** A stage's work on text; what it opened is closed when it ends, however it ends. */
export function readingText(work: (context: StageContext, text: StageText) => Promise<void>): Stage['run'] {
  return async (context) => {
    const text = new StageText(context);
    try {
      await work(context, text);
    } finally {
      text.close();
    }
  };
}
