/** A language model without weights: its tokens are bytes, and what it writes follows from the seed alone. */
import { throwIfStopped } from '../../src/common/interruption.ts';
import { Random } from '../../src/common/random.ts';
import type { FilesOnDisk } from '../../src/inference/files-on-disk.ts';
import type {
  Alternative,
  GeneratedToken,
  GenerationEnd,
  GenerationRequest,
  LanguageModel,
  TextScore,
} from '../../src/inference/language-model.ts';
import { Tokenizer } from '../../src/tokenizer/tokenizer.ts';

/** One token a byte: id 0 ends a text, the others are the byte and one. */
export const byteTokenizer = new Tokenizer({
  tokens: [new Uint8Array(0), ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))],
  endOfText: 0,
  merges: new Uint32Array(0),
});

export interface FakeModel extends LanguageModel {
  /** What was asked, in order. */
  readonly asked: GenerationRequest[];
  /** Tokens drawn, and texts that were ended in whatever way. */
  readonly counts: { drawn: number; ended: number };
}

export interface FakeOptions {
  readonly folder: string;
  readonly context?: number;
  /** Waited for before each token, the how-manieth of its text; what it throws, the model throws. */
  readonly onToken?: (token: number, request: GenerationRequest) => void | Promise<void>;
  /** Written instead of letters drawn by the seed; the end of text after it. */
  readonly writes?: string;
  /** What has become of its files; by default they are the same. */
  readonly onDisk?: () => FilesOnDisk;
}

/** A token of ASCII has a log-probability by its code, so that tests can work it out. */
export const logProbabilityOf = (character: string): number => -character.charCodeAt(0) / 100;

const alternative = (character: string): Alternative => ({
  id: character.charCodeAt(0) + 1,
  text: character,
  logProbability: logProbabilityOf(character),
});

/** The likeliest of this model: always the first letters. */
const likeliest = (count: number): Alternative[] => [...'abcdefgh'].slice(0, count).map(alternative);

export function fakeLanguageModel({
  folder,
  context = 64,
  onToken,
  writes,
  onDisk = () => 'same',
}: FakeOptions): FakeModel {
  const asked: GenerationRequest[] = [];
  const counts = { drawn: 0, ended: 0 };
  async function* generate(
    request: GenerationRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<GeneratedToken, GenerationEnd> {
    asked.push(request);
    const written = (writes ?? drawnLetters(request)).slice(0, request.mostTokens);
    const cut = Math.min(...request.stop.map((text) => written.indexOf(text)).filter((at) => at >= 0));
    const last = request.stop.find((text) => written.indexOf(text) === cut);
    const end = last === undefined ? written.length : cut + last.length;
    try {
      for (let at = 0; at < end; at++) {
        await onToken?.(at, request);
        throwIfStopped(signal);
        counts.drawn++;
        const token = alternative(written[at]);
        yield {
          ...token,
          text: at < cut ? written[at] : '',
          alternatives: likeliest(request.alternatives),
        };
      }
    } finally {
      counts.ended++;
    }
    const promptTokens = byteTokenizer.encode(request.prompt).length;
    const isWhole = end === written.length && end < request.mostTokens;
    return {
      ending: last !== undefined ? 'stop' : isWhole ? 'end of text' : 'most tokens',
      promptTokens,
      dropped: Math.max(0, promptTokens - context),
    };
  }
  return {
    folder,
    size: { layers: 1, width: 1, heads: 1, feedForward: 1, context, vocabulary: 257 },
    tokenizer: byteTokenizer,
    asked,
    counts,
    generate,
    score: async (text, { alternatives }): Promise<TextScore> => ({
      bytes: text.length,
      tokens: [...text].map((character, start) => ({
        ...alternative(character),
        start,
        end: start + 1,
        alternatives: likeliest(alternatives),
      })),
    }),
    onDisk: async () => onDisk(),
    dispose: async () => undefined,
  };
}

function drawnLetters({ seed, mostTokens }: GenerationRequest): string {
  const random = Random.fromSeed(seed, 'fake');
  return Array.from({ length: mostTokens }, () => 'abcdefgh'[random.below(8)]).join('');
}
