/** The tokens that a stage reads, from its inputs: whole corpora, or a domain's set of a given size. */

import { GraphError } from '../../common/errors.ts';
import { formatTokens } from '../../common/format.ts';
import { TokenStore } from '../../corpus/tokens/token-store.ts';
import { DrawnWindows } from '../../corpus/windows/nested-draw.ts';
import { type EvaluatedWindows, selectDocuments, WindowSet } from '../../corpus/windows/windows.ts';
import type { StageInput } from '../../pipeline/define-stage.ts';

/** Which of a domain's training text: so many tokens of the nested draw of a seed, or all of it. */
export interface DomainSet {
  readonly tokens: number | 'all';
  /** Another seed draws another set of that size; `all` is the same for every seed. */
  readonly seed: number;
}

/** A set as a stage's parameters have it: all of the text is the same for every seed. */
export interface SetParameters {
  readonly domainTokens: number | 'all';
  readonly drawSeed?: number;
}

export function setParameters({ tokens, seed }: DomainSet): SetParameters {
  return tokens === 'all' ? { domainTokens: tokens } : { domainTokens: tokens, drawSeed: seed };
}

/** A set, or the part of a larger one that is also the smaller one of its seed. */
export function atMost({ tokens, seed }: DomainSet, most: number): DomainSet {
  return { tokens: tokens === 'all' ? most : Math.min(tokens, most), seed };
}

/** For people: `all of letters`, `2.05k tokens of letters`. */
export function setInWords({ tokens }: Pick<DomainSet, 'tokens'>, domain: string): string {
  return tokens === 'all' ? `all of ${domain}` : `${formatTokens(tokens)} tokens of ${domain}`;
}

/** Opens token stores for a stage and closes them all. */
export class StageText {
  readonly #stores: TokenStore[] = [];

  async store({ directory }: StageInput): Promise<TokenStore> {
    const store = await TokenStore.open(directory);
    this.#stores.push(store);
    return store;
  }

  /** The training windows of a corpus. */
  async training(tokens: StageInput, context: number): Promise<WindowSet> {
    const store = await this.store(tokens);
    return new WindowSet(store, selectDocuments(store, 'train'), context);
  }

  /** The windows of a domain's training set. */
  async domain(
    tokens: StageInput,
    context: number,
    { domainTokens, drawSeed }: SetParameters,
  ): Promise<EvaluatedWindows> {
    const all = await this.training(tokens, context);
    if (domainTokens === 'all') return all;
    if (drawSeed !== undefined) return new DrawnWindows(all, { tokens: domainTokens, seed: drawSeed });
    throw new GraphError('A set of some tokens was asked for without its seed.', 'Use setParameters.');
  }

  close(): void {
    for (const store of this.#stores) store.close();
  }
}

/** A stage's work on text; what it opened is closed when it ends, however it ends. */
export async function readingText<Result>(work: (text: StageText) => Promise<Result>): Promise<Result> {
  const text = new StageText();
  try {
    return await work(text);
  } finally {
    text.close();
  }
}
