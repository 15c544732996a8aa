/**
 * A request to `/v1/completions`, as OpenAI describes it, with `top_k` and `repetition_penalty` as vLLM and llama.cpp's
 * server have them. What is not computed here is refused and never passed over: an answer that looks as asked and is not
 * would be worse than none.
 */
import { randomInt } from 'node:crypto';
import * as z from 'zod';
import type { GenerationRequest } from '../inference/language-model.ts';
import { ApiError } from './api-error.ts';

export interface CompletionRequest extends GenerationRequest {
  /** Whether the prompt is part of the answered text. */
  readonly echo: boolean;
  /** Whether each token is told with its log-probability. */
  readonly logprobs: boolean;
  readonly stream: boolean;
  /** Of a stream: whether a last chunk tells what was used. */
  readonly includeUsage: boolean;
}

const DEFAULT_TOKENS = 16;
const MOST_STOPS = 4;
const MOST_LOGPROBS = 5;
/** With a lower one logits are beyond what numbers hold. */
const LEAST_PENALTY = 0.01;
/** A request without a seed draws one of these. */
const SEEDS = 2 ** 32;

const only = <Value extends number | boolean>(value: Value) => z.literal(value).nullish();
const stopText = z.string().min(1);

const requestSchema = z.strictObject({
  model: z.string().nullish(),
  prompt: z.union([z.string(), z.tuple([z.string()])], 'one text; lists of texts or of tokens are not taken'),
  max_tokens: z.int().min(0).nullish(),
  temperature: z.number().min(0).max(10).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  repetition_penalty: z.number().min(LEAST_PENALTY).max(10).nullish(),
  stop: z.union([stopText, z.array(stopText).max(MOST_STOPS)], `at most ${MOST_STOPS} texts`).nullish(),
  seed: z.int().min(0).nullish(),
  logprobs: z.int().min(0).max(MOST_LOGPROBS).nullish(),
  echo: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: only(1),
  best_of: only(1),
  presence_penalty: only(0),
  frequency_penalty: only(0),
  logit_bias: z.strictObject({}).nullish(),
  suffix: z.literal('').nullish(),
  user: z.string().nullish(),
});

/** Throws ApiError: 400 with the field that is the reason, 404 when another model than `name` is asked for. */
export function parseCompletionRequest(text: string, name: string): CompletionRequest {
  const parsed = requestSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw refused(parsed.error.issues[0]);
  const given = parsed.data;
  if (given.model != null && given.model !== name) throw unknownModel(given.model, name);
  const { stop, prompt } = given;
  return {
    prompt: typeof prompt === 'string' ? prompt : prompt[0],
    mostTokens: given.max_tokens ?? DEFAULT_TOKENS,
    temperature: given.temperature ?? 1,
    topP: given.top_p ?? 1,
    topK: Math.max(0, given.top_k ?? 0),
    repetitionPenalty: given.repetition_penalty ?? 1,
    stop: stop == null ? [] : [stop].flat(),
    seed: given.seed ?? randomInt(SEEDS),
    alternatives: given.logprobs ?? 0,
    logprobs: given.logprobs != null,
    echo: given.echo ?? false,
    stream: given.stream ?? false,
    includeUsage: given.stream_options?.include_usage ?? false,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(
      'The body of the request is not JSON.',
      'Send a JSON object.',
      { status: 400, code: 'invalid_json' },
      error,
    );
  }
}

function refused(issue: z.core.$ZodIssue): ApiError {
  const isUnknown = issue.code === 'unrecognized_keys';
  const field = [...issue.path, ...(isUnknown ? [issue.keys[0]] : [])].join('.');
  const name = field === '' ? 'The body of the request' : `"${field}"`;
  return new ApiError(
    isUnknown ? `${name} is no field that this server knows.` : `${name} cannot be taken: ${issue.message}.`,
    'docs/serving.md lists the fields and what each may be.',
    { status: 400, ...(field !== '' && { param: field }) },
  );
}

function unknownModel(asked: string, name: string): ApiError {
  return new ApiError(
    `There is no model "${asked}" here.`,
    `This server has "${name}"; /v1/models tells it too.`,
    { status: 404, code: 'model_not_found', param: 'model' },
  );
}
