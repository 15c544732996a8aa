/**
 * What a completion consists of, piece by piece: the prompt, if it is to be echoed, then each token as it is drawn. The
 * answer in one and the stream are made of the same pieces, so that they say the same.
 */
import { letSignalsIn } from '../common/interruption.ts';
import type { Alternative, GenerationEnd, LanguageModel } from '../inference/language-model.ts';
import { droppedOf } from '../inference/visible.ts';
import type { CompletionRequest } from './completion-request.ts';

export interface LoggedToken {
  readonly token: string;
  /** In nats, of the model itself: before penalties, temperature and cuts. */
  readonly logProbability: number;
  /** The token itself among them. */
  readonly likeliest: Readonly<Record<string, number>>;
  /** UTF-16 units of the answered text before what is new with it. */
  readonly offset: number;
}

export interface CompletionPart {
  readonly text: string;
  /** Empty unless log-probabilities were asked for. */
  readonly tokens: readonly LoggedToken[];
}

export interface PromptSize {
  readonly tokens: number;
  /** The so many first ones are out of the model's sight. */
  readonly dropped: number;
}

export interface CompletionEnd {
  readonly ending: GenerationEnd['ending'];
  readonly drawn: number;
}

export function promptSize({ tokenizer, size }: LanguageModel, prompt: string): PromptSize {
  const tokens = tokenizer.encode(prompt).length;
  return { tokens, dropped: droppedOf(tokens, size.context) };
}

/** Calls `onPart` with each piece and draws on when it is done. Throws InterruptedError when `signal` is aborted. */
export async function drawCompletion(
  model: LanguageModel,
  request: CompletionRequest,
  signal: AbortSignal,
  onPart: (part: CompletionPart) => void | Promise<void>,
): Promise<CompletionEnd> {
  const { echo, prompt, mostTokens, logprobs } = request;
  if (echo) await onPart(await echoed(model, request, signal));
  if (mostTokens === 0) return { ending: 'most tokens', drawn: 0 };
  const drawing = model.generate(request, signal);
  try {
    let length = echo ? prompt.length : 0;
    for (let drawn = 0; ; drawn++) {
      const next = await drawing.next();
      if (next.done) return { ending: next.value.ending, drawn };
      const { text } = next.value;
      await onPart({ text, tokens: logprobs ? [logged(model, next.value, length)] : [] });
      length += text.length;
      // A client that went away is noticed before the next token is drawn.
      await letSignalsIn(signal);
    }
  } catch (error) {
    // What the model holds for this text is let go.
    await drawing.throw(error).catch(() => undefined);
    throw error;
  }
}

async function echoed(
  model: LanguageModel,
  { prompt, logprobs, alternatives }: CompletionRequest,
  signal: AbortSignal,
): Promise<CompletionPart> {
  if (!logprobs) return { text: prompt, tokens: [] };
  const { tokens } = await model.score(prompt, { alternatives, signal });
  return { text: prompt, tokens: tokens.map((token) => logged(model, token, token.start)) };
}

function logged(
  model: LanguageModel,
  token: Alternative & { readonly alternatives: readonly Alternative[] },
  offset: number,
): LoggedToken {
  const all = [...token.alternatives, token];
  return {
    token: tokenText(model, token.id),
    logProbability: token.logProbability,
    likeliest: Object.fromEntries(
      all.map(({ id, logProbability }) => [tokenText(model, id), logProbability]),
    ),
    offset,
  };
}

/** A token's own text. Of one that is a part of a character its bytes, as OpenAI writes them: `bytes:\xe2\x82`. */
function tokenText({ tokenizer }: LanguageModel, id: number): string {
  const bytes = Buffer.from(tokenizer.tokenBytes(id));
  if (bytes.length === 0) return tokenizer.decode([id]);
  const text = bytes.toString();
  if (Buffer.from(text).equals(bytes)) return text;
  return `bytes:${bytes.toString('hex').replaceAll(/../g, '\\x$&')}`;
}
