/**
 * The side of the model process that asks it: starts the process with the first request, and again with the next one
 * after it died. What it answers with is what a `LanguageModel` of this process would.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  type CancellationToken,
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node.js';
import type { z } from 'zod';
import { CorruptionError, InputError, ParlanceError, ResourceError } from '../../common/errors.ts';
import { interrupted, throwIfStopped } from '../../common/interruption.ts';
import type { GeneratedToken, GenerationEnd, GenerationRequest, LanguageModel } from '../language-model.ts';
import {
  failureSchema,
  generationEndSchema,
  type ModelFacts,
  methods,
  modelFactsSchema,
  textScoreSchema,
  tokenMessageSchema,
} from './protocol.ts';

export interface ModelProcessOptions {
  /** Path of model-process.mjs. */
  readonly program: string;
  /** Processor threads of each model. */
  readonly threads: number;
}

/** A model that another process holds: loaded when it is first asked, and again when it left memory meanwhile. */
export interface RemoteModel extends Pick<LanguageModel, 'folder' | 'generate' | 'score'> {
  facts(): Promise<ModelFacts>;
}

interface Running {
  readonly process: ChildProcess;
  readonly connection: MessageConnection;
  /** One for each request that is not answered yet; called when the process ends. */
  readonly fail: Set<(reason: ResourceError) => void>;
}

type Listener = (token: GeneratedToken) => void;

/** Of what the process wrote to its error output, for the reason of its end. */
const keptCharacters = 2000;

export class ModelProcess {
  readonly #options: ModelProcessOptions;
  readonly #streams = new Map<number, Listener>();
  #nextStream = 0;
  #running: Running | undefined;

  constructor(options: ModelProcessOptions) {
    this.#options = options;
  }

  /** Of the process, while it runs. */
  get processId(): number | undefined {
    return this.#running?.process.pid;
  }

  /** The model in a folder; nothing is read or started yet. */
  model(folder: string): RemoteModel {
    return {
      folder,
      generate: (request, signal) => this.#generate(folder, request, signal),
      score: (text, { alternatives, signal }) =>
        this.#request(methods.score, { folder, text, alternatives }, textScoreSchema, signal),
      facts: () => this.#request(methods.facts, { folder }, modelFactsSchema),
    };
  }

  /** Ends the process; what is still being asked fails. */
  dispose(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.process.stdin?.destroy();
    running?.process.kill();
  }

  async *#generate(
    folder: string,
    request: GenerationRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<GeneratedToken, GenerationEnd> {
    const stream = this.#nextStream++;
    const given = new AbortController();
    const tokens: GeneratedToken[] = [];
    let wake = (): void => {};
    this.#streams.set(stream, (token) => {
      tokens.push(token);
      wake();
    });
    const stop = signal === undefined ? given.signal : AbortSignal.any([signal, given.signal]);
    let isAnswered = false;
    const answer = this.#request(
      methods.generate,
      { folder, stream, request },
      generationEndSchema,
      stop,
    ).finally(() => {
      isAnswered = true;
      wake();
    });
    // Told where it is awaited below; a caller that returns early never gets there.
    answer.catch(() => {});
    try {
      while (!isAnswered || tokens.length > 0) {
        throwIfStopped(signal);
        const token = tokens.shift();
        if (token !== undefined) yield token;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
      return await answer;
    } finally {
      this.#streams.delete(stream);
      given.abort();
    }
  }

  async #request<T>(method: string, message: object, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    throwIfStopped(signal);
    const running = this.#running ?? this.#start();
    const cancellation = new CancellationTokenSource();
    const cancel = (): void => cancellation.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      return schema.parse(await answerOf(running, method, message, cancellation.token));
    } catch (error) {
      throw signal?.aborted ? interrupted() : failureOf(error);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #start(): Running {
    const { program, threads } = this.#options;
    const child = spawn(process.execPath, [program, `${threads}`], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    connection.onNotification(methods.token, (message: unknown) => {
      const { stream, token } = tokenMessageSchema.parse(message);
      this.#streams.get(stream)?.(token);
    });
    // The end of the process is what counts; a broken pipe comes with it.
    connection.onError(() => {});
    connection.listen();
    const running: Running = { process: child, connection, fail: new Set() };
    void endOf(child).then((reason) => {
      if (this.#running === running) this.#running = undefined;
      for (const fail of running.fail) fail(modelProcessEnded(reason));
    });
    this.#running = running;
    return running;
  }
}

/** Rejects with ResponseError, or with ResourceError when the process ends before. Nothing of it is kept afterwards. */
async function answerOf(
  { connection, fail }: Running,
  method: string,
  message: object,
  token: CancellationToken,
): Promise<unknown> {
  let onEnd = (_reason: ResourceError): void => {};
  try {
    return await new Promise<unknown>((resolve, reject) => {
      onEnd = reject;
      fail.add(onEnd);
      const asking = async () => connection.sendRequest<unknown>(method, message, token);
      asking().then(resolve, (error: unknown) => {
        // Nothing but an answer fails while the process runs; of its end all are told with the reason.
        if (error instanceof ResponseError) reject(error);
      });
    });
  } finally {
    fail.delete(onEnd);
  }
}

/** How the process ended, with its last words. */
function endOf(child: ChildProcess): Promise<string> {
  let lastWords = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-keptCharacters);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      const why = lastWords.split('\n').find((line) => /error/i.test(line));
      resolve(why === undefined ? how : `${how}: ${why.trim()}`);
    });
  });
}

function modelProcessEnded(reason: string): ResourceError {
  return new ResourceError(
    `The process that runs the model ended (${reason}).`,
    'Try again: it starts anew. If it happens again, the model may need more memory than there is.',
  );
}

/** The error as the model's process threw it. */
function failureOf(error: unknown): unknown {
  if (!(error instanceof ResponseError)) return error;
  const failure = failureSchema.safeParse(error.data).data;
  if (failure === undefined) return error;
  const { hint, exitCode } = failure;
  const kind = [InputError, CorruptionError, ResourceError].find(
    (one) => new one('', '').exitCode === exitCode,
  );
  return new (kind ?? ParlanceError)(error.message, hint);
}
