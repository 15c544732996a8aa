/** What a model on disk can be asked: to continue a text, and how much each token of a text surprises it. */
import type { ModelSize } from '../common/model-size.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { FilesOnDisk } from './files-on-disk.ts';

/** How the next token is drawn. The order is that of transformers: penalty, temperature, top-k, top-p. */
export interface Sampling {
  /** 0: always the likeliest token. */
  readonly temperature: number;
  /** Only the so many likeliest tokens are drawn from; 0: all. */
  readonly topK: number;
  /** Only the likeliest tokens of together this probability are drawn from; 1: all. */
  readonly topP: number;
  /** Divides positive and multiplies negative logits of tokens that stand in the text (CTRL, arXiv 1909.05858); 1: none. */
  readonly repetitionPenalty: number;
  readonly seed: number;
}

export interface GenerationRequest extends Sampling {
  readonly prompt: string;
  readonly mostTokens: number;
  /** Texts that end the generation; they are no part of it. */
  readonly stop: readonly string[];
  /** How many of the likeliest tokens are told with each. */
  readonly alternatives: number;
}

export interface Alternative {
  readonly id: number;
  readonly text: string;
  readonly logProbability: number;
}

export interface GeneratedToken extends Alternative {
  /** The text that is new with this token: empty while a character, or a possible stop text, is not yet whole. */
  readonly text: string;
  /** Of the model itself, in nats: before penalties, temperature and cuts. */
  readonly logProbability: number;
  readonly alternatives: readonly Alternative[];
}

export interface GenerationEnd {
  readonly ending: 'end of text' | 'most tokens' | 'stop';
  /** Tokens of the prompt, and how many of its first ones were out of the model's sight. */
  readonly promptTokens: number;
  readonly dropped: number;
}

export interface ScoredToken extends Alternative {
  /** From this UTF-16 unit of the text up to that one. A character of several tokens belongs to the last. */
  readonly start: number;
  readonly end: number;
  readonly alternatives: readonly Alternative[];
}

export interface TextScore {
  readonly tokens: readonly ScoredToken[];
  /** UTF-8. */
  readonly bytes: number;
}

export interface LanguageModel {
  readonly folder: string;
  readonly size: ModelSize;
  readonly tokenizer: Tokenizer;
  /** Yields each token as it is drawn. Equal requests give equal texts. Stops between two tokens when aborted. */
  generate(request: GenerationRequest, signal?: AbortSignal): AsyncGenerator<GeneratedToken, GenerationEnd>;
  /** The tokens of a text, each predicted from all that stand before it within the context. */
  score(
    text: string,
    options: { readonly alternatives: number; readonly signal?: AbortSignal },
  ): Promise<TextScore>;
  /** What has become of its files since they were read. */
  onDisk(): Promise<FilesOnDisk>;
  dispose(): Promise<void>;
}
