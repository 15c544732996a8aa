/** The tokens of a text, scored piece by piece; what is known of a piece is kept until it is no longer part of the text. */
import type { TextScore } from '../../inference/language-model.ts';
import { inOrderFrom, type Piece, piecesOf } from './pieces.ts';
import type { ScoredSpan } from './surprise.ts';

export type Score = (text: string) => Promise<Pick<TextScore, 'tokens'>>;

export interface ScoredSoFar {
  /** From 0 to 1, where all is. */
  readonly share: number;
  /** In the order of the text. Made when asked for: a long text has many. */
  tokens(): readonly ScoredSpan[];
}

export class PieceScores {
  /** By the text that is scored: the lead-in, and the piece from `length` on. */
  #known = new Map<string, readonly ScoredSpan[]>();

  /**
   * Yields each time that more is known; the last time all is. Begins with the piece at `offset`. Stops after a piece when
   * `signal` is aborted.
   */
  async *score(
    text: string,
    { leadIn, offset, signal }: { leadIn: number; offset: number; signal: AbortSignal },
    score: Score,
  ): AsyncGenerator<ScoredSoFar> {
    const pieces = piecesOf(text, leadIn);
    const known = new Map<string, readonly ScoredSpan[]>();
    for (const piece of pieces) {
      const own = this.#known.get(keyOf(text, piece));
      if (own !== undefined) known.set(keyOf(text, piece), own);
    }
    this.#known = known;
    const wanted = inOrderFrom(pieces, offset).filter((piece) => !known.has(keyOf(text, piece)));
    const tokens = () => tokensOf(text, pieces, known);
    if (wanted.length === 0) yield { share: 1, tokens };
    for (const [index, piece] of wanted.entries()) {
      const scored = await score(text.slice(piece.from, piece.end));
      if (signal.aborted) return;
      known.set(keyOf(text, piece), ownTokens(scored.tokens, piece.start - piece.from));
      yield { share: (index + 1) / wanted.length, tokens };
    }
  }
}

/** Offsets from the piece's own beginning; of a token that begins in the lead-in, its end. */
function ownTokens(tokens: readonly ScoredSpan[], leadIn: number): readonly ScoredSpan[] {
  return tokens
    .filter(({ start, end }) => start >= leadIn || end > leadIn)
    .map(({ start, end, logProbability }) => ({
      start: Math.max(0, start - leadIn),
      end: end - leadIn,
      logProbability,
    }));
}

function tokensOf(
  text: string,
  pieces: readonly Piece[],
  known: ReadonlyMap<string, readonly ScoredSpan[]>,
): readonly ScoredSpan[] {
  return pieces.flatMap((piece) =>
    (known.get(keyOf(text, piece)) ?? []).map(({ start, end, logProbability }) => ({
      start: piece.start + start,
      end: piece.start + end,
      logProbability,
    })),
  );
}

function keyOf(text: string, { from, start, end }: Piece): string {
  return `${start - from} ${text.slice(from, end)}`;
}
