/** Refusals as OpenAI's interface words them: a status and an `error` object, which its clients turn into exceptions. */
import { InputError, ParlanceError, ResourceError } from '../common/errors.ts';

export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: 'invalid_request_error' | 'rate_limit_error' | 'server_error';
    /** The field of the request that is the reason. */
    readonly param: string | null;
    readonly code: string | null;
  };
}

interface Refusal {
  readonly status: number;
  readonly code?: string;
  readonly param?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is answered with an error status. */
export class ApiError extends ParlanceError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #code: string | null;
  readonly #param: string | null;

  constructor(
    message: string,
    hint: string,
    { status, code, param, headers = {} }: Refusal,
    cause?: unknown,
  ) {
    super(message, hint, cause);
    this.status = status;
    this.headers = headers;
    this.#code = code ?? null;
    this.#param = param ?? null;
  }

  get body(): ErrorBody {
    const type =
      this.status >= 500
        ? 'server_error'
        : this.status === 429
          ? 'rate_limit_error'
          : 'invalid_request_error';
    const message = `${this.message} ${this.hint}`.trim();
    return { error: { message, type, param: this.#param, code: this.#code } };
  }
}

/** What a failure of any kind is answered with: what the machine or the disk refuses may be there again later (503). */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ParlanceError ? error.hint : '';
  if (error instanceof InputError || error instanceof ResourceError)
    return new ApiError(message, hint, { status: 503, code: 'model_unavailable' }, error);
  return new ApiError(message, hint, { status: 500 }, error);
}
