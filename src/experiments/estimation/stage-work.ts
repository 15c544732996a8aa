/** What a stage will compute, and what is to be known to say so. */
import type { ModelSize } from '../../common/model-size.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { EncoderCost } from '../../selection/embedding/encoder-cost.ts';
import type { PredictedFlops } from '../../selection/predicted-flops.ts';

export interface StageWork extends PredictedFlops {
  /** The model whose measured speed tells how fast this work goes; absent where no measured speed does. */
  readonly size?: ModelSize;
}

/** Tokens of the splits of a corpus: counted, or estimated before it is tokenized. */
export interface SplitTokens {
  readonly train: number;
  readonly validation: number;
  readonly heldout: number;
}

/** What forecasts need besides the stages. */
export interface ForecastFacts {
  readonly vocabulary: number;
  /** Of a corpus, by its stage of tokens. */
  tokensOf(tokens: Stage): SplitTokens;
  readonly bytesPerToken: number;
  /** Absent where text is embedded by latent semantic indexing. */
  readonly encoder?: EncoderFacts;
}

export interface EncoderFacts {
  readonly cost: EncoderCost;
  /** A sentence encoder is a transformer too: its time follows from the speed that this model is trained at. */
  readonly size: ModelSize;
}
