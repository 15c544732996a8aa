/** Answers a request to `/v1/completions`, in one or as a stream of events, until the client goes away. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { LanguageModel } from '../inference/language-model.ts';
import { ApiError } from './api-error.ts';
import { answerHead, choiceOf, joined, usageOf } from './completion-answer.ts';
import { type CompletionPart, drawCompletion, promptSize } from './completion-parts.ts';
import type { CompletionRequest } from './completion-request.ts';

export interface ServedModel {
  readonly model: LanguageModel;
  /** As clients call it. */
  readonly name: string;
}

/** On every answer whose prompt was longer than the context. */
export const DROPPED_HEADER = 'parlance-dropped-tokens';

const PATIENCE_MS = 60_000;

const EVENTS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' };

/** Throws ApiError 503 when the model was removed or replaced, InterruptedError when `signal` is aborted. */
export async function answerCompletion(
  served: ServedModel,
  request: CompletionRequest,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  await checkThere(served.model);
  const { dropped } = promptSize(served.model, request.prompt);
  if (dropped > 0) response.setHeader(DROPPED_HEADER, dropped);
  await (request.stream ? answerInPieces : answerInOne)(served, request, response, signal);
}

async function answerInOne(
  { model, name }: ServedModel,
  request: CompletionRequest,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const parts: CompletionPart[] = [];
  const end = await drawCompletion(model, request, signal, (part) => void parts.push(part));
  sendJson(response, {
    ...answerHead(name),
    choices: [choiceOf(joined(parts), end, request.logprobs)],
    usage: usageOf(promptSize(model, request.prompt), end),
  });
}

async function answerInPieces(
  { model, name }: ServedModel,
  request: CompletionRequest,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const head = answerHead(name);
  const send = (choices: readonly object[], more: object = {}): Promise<void> =>
    sendEvent(response, { ...head, choices, ...more }, signal);
  const begin = (): void => {
    // Whatever fails before the first piece is answered with its status.
    if (!response.headersSent) response.writeHead(200, EVENTS);
  };
  const end = await drawCompletion(model, request, signal, async (part) => {
    begin();
    if (part.text !== '' || part.tokens.length > 0) await send([choiceOf(part, undefined, request.logprobs)]);
  });
  begin();
  await send([choiceOf({ text: '', tokens: [] }, end, request.logprobs)]);
  if (request.includeUsage) await send([], { usage: usageOf(promptSize(model, request.prompt), end) });
  response.end('data: [DONE]\n\n');
}

export function sendJson(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(body)}\n`);
}

/** Waits while the client does not read; from one that reads nothing for long it parts, since others wait for their turn. */
async function sendEvent(response: ServerResponse, body: object, signal: AbortSignal): Promise<void> {
  if (response.write(`data: ${JSON.stringify(body)}\n\n`)) return;
  const parting = setTimeout(() => response.destroy(), PATIENCE_MS);
  try {
    await once(response, 'drain', { signal });
  } finally {
    clearTimeout(parting);
  }
}

/** What is in memory could still answer, but nobody could say any more which model that was. */
async function checkThere({ folder, onDisk }: LanguageModel): Promise<void> {
  const files = await onDisk();
  if (files === 'same') return;
  const [message, hint] =
    files === 'gone'
      ? [`The model is no longer in ${folder}.`, 'Put it back, or serve another one.']
      : [`The model in ${folder} was replaced.`, 'Start parlance serve again: it serves the new one.'];
  throw new ApiError(message, hint, { status: 503, code: 'model_unavailable' });
}
