/** A completion in the shape of OpenAI's `/v1/completions`: whole, or as the chunks of a stream. */
import { randomUUID } from 'node:crypto';
import type { CompletionEnd, CompletionPart, LoggedToken, PromptSize } from './completion-parts.ts';

/** What all chunks of one answer share. */
export interface AnswerHead {
  readonly id: string;
  readonly object: 'text_completion';
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

export function answerHead(model: string): AnswerHead {
  return {
    id: `cmpl-${randomUUID()}`,
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model,
  };
}

/** `end` is `undefined` in the chunks before the last. */
export function choiceOf(
  { text, tokens }: CompletionPart,
  end: CompletionEnd | undefined,
  logprobs: boolean,
) {
  const finish =
    end === undefined ? null : end.ending === 'most tokens' ? ('length' as const) : ('stop' as const);
  return { text, index: 0, logprobs: logprobs ? logprobsOf(tokens) : null, finish_reason: finish };
}

/** Of the prompt, `dropped_tokens` were out of the model's sight. */
export function usageOf({ tokens, dropped }: PromptSize, { drawn }: CompletionEnd) {
  return {
    prompt_tokens: tokens,
    completion_tokens: drawn,
    total_tokens: tokens + drawn,
    prompt_tokens_details: { dropped_tokens: dropped },
  };
}

export function joined(parts: readonly CompletionPart[]): CompletionPart {
  return {
    text: parts.map(({ text }) => text).join(''),
    tokens: parts.flatMap(({ tokens }) => tokens),
  };
}

function logprobsOf(tokens: readonly LoggedToken[]) {
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logProbability }) => logProbability),
    top_logprobs: tokens.map(({ likeliest }) => likeliest),
    text_offset: tokens.map(({ offset }) => offset),
  };
}
