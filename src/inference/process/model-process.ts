/**
 * The model process's program: models that continue and score texts, in a process of its own so that nobody waits for
 * them. It speaks over its standard input and output, and ends when its parent is gone.
 *
 * Its one argument is the number of processor threads of each model.
 */
import {
  type CancellationToken,
  createMessageConnection,
  type MessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node.js';
import type { z } from 'zod';
import { ParlanceError } from '../../common/errors.ts';
import { parameterCount } from '../../models/size.ts';
import type { GenerationEnd, LanguageModel } from '../language-model.ts';
import { openLanguageModel } from '../open-model.ts';
import { ModelPool } from './model-pool.ts';
import {
  factsRequestSchema,
  generateRequestSchema,
  type ModelFacts,
  methods,
  scoreRequestSchema,
} from './protocol.ts';

const IDLE_MS = 5 * 60_000;
const MOST_MODELS = 2;

function serve(connection: MessageConnection, models: ModelPool): void {
  const onRequest = <Request extends { folder: string }, Answer>(
    method: string,
    schema: z.ZodType<Request>,
    answer: (model: LanguageModel, request: Request, signal: AbortSignal) => Promise<Answer>,
  ): void => {
    connection.onRequest(method, async (message: unknown, token: CancellationToken) => {
      const request = schema.parse(message);
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      try {
        return await models.use(request.folder, (model) => answer(model, request, stop.signal));
      } catch (error) {
        throw failureOf(error);
      }
    });
  };
  onRequest(methods.generate, generateRequestSchema, async (model, { stream, request }, signal) => {
    const tokens = model.generate(request, signal);
    let next = await tokens.next();
    for (; !next.done; next = await tokens.next()) {
      await connection.sendNotification(methods.token, { stream, token: next.value });
    }
    return next.value satisfies GenerationEnd;
  });
  onRequest(methods.score, scoreRequestSchema, (model, { text, alternatives }, signal) =>
    model.score(text, { alternatives, signal }),
  );
  onRequest(methods.facts, factsRequestSchema, async ({ size }): Promise<ModelFacts> => {
    const { context, vocabulary } = size;
    return { parameters: parameterCount(size), context, vocabulary };
  });
  connection.onClose(() => process.exit(0));
  connection.listen();
}

/** The error with its hint and exit code, of which the other side makes the same one. */
function failureOf(error: unknown): unknown {
  if (!(error instanceof ParlanceError)) return error;
  const { message, hint, exitCode } = error;
  return new ResponseError(exitCode, message, { hint, exitCode });
}

// The parent's end closes the pipe; nothing is kept that would have to be saved.
process.stdin.on('close', () => process.exit(0));
process.stdin.on('end', () => process.exit(0));
const threads = Number(process.argv[2]);
serve(
  createMessageConnection(new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout)),
  new ModelPool({
    open: (folder) => openLanguageModel(folder, { threads }),
    most: MOST_MODELS,
    idleMs: IDLE_MS,
    later: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  }),
);
