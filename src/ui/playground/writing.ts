/** What the models of the Playground write: side by side, each token as it is drawn, until the end or the stop. */
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import type { GenerationEnd } from '../../inference/language-model.ts';
import type { Side, WriteRequest, WrittenPart } from '../../panel-protocol/playground.ts';
import type { Services } from '../services.ts';

/** Likeliest tokens that are told with each. */
const alternatives = 5;

export class Writing {
  readonly #models: Services['models'];
  readonly #tell: (part: WrittenPart) => void;
  #parts: WrittenPart[] = [];
  #running: AbortController | undefined;

  constructor(models: Services['models'], tell: (part: WrittenPart) => void) {
    this.#models = models;
    this.#tell = tell;
  }

  /** Of the newest request. */
  get soFar(): readonly WrittenPart[] {
    return this.#parts;
  }

  /** Gives up what is being written, and begins with this; done when all sides are. */
  async start(request: WriteRequest): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.#parts = [];
    const sides = request.models.map(({ side, folder }) =>
      this.#write(side, folder, request, running.signal),
    );
    await Promise.all(sides);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  async #write(side: Side, folder: string, request: WriteRequest, signal: AbortSignal): Promise<void> {
    const tell = (part: Pick<WrittenPart, 'tokens' | 'state' | 'note'>): void => {
      const whole = { request: request.request, side, ...part };
      // Of a request that was replaced nothing is kept; its page is told how it ended.
      if (this.#running?.signal === signal || this.#running === undefined) this.#parts.push(whole);
      this.#tell(whole);
    };
    tell({ tokens: [], state: 'writing', note: '' });
    try {
      const { prompt, temperature, topP, tokens: mostTokens, seed } = request;
      const draw = { temperature, topP, topK: 0, repetitionPenalty: 1, seed, stop: [], alternatives };
      const stream = this.#models.model(folder).generate({ prompt, mostTokens, ...draw }, signal);
      for (;;) {
        const { done, value } = await stream.next();
        if (done) return tell({ tokens: [], state: 'ended', note: endWords(value) });
        const { text, logProbability } = value;
        // By their ids: the text of a token that is a part of a character is another here and there.
        const others = value.alternatives
          .filter(({ id }) => id !== value.id)
          .map((one) => ({ text: one.text, logProbability: one.logProbability }));
        tell({ tokens: [{ text, logProbability, alternatives: others }], state: 'writing', note: '' });
      }
    } catch (error) {
      if (error instanceof InterruptedError) return tell({ tokens: [], state: 'stopped', note: 'Stopped.' });
      const note = error instanceof ParlanceError ? `${error.message} ${error.hint}` : String(error);
      tell({ tokens: [], state: 'failed', note });
    }
  }
}

function endWords({ ending, promptTokens, dropped }: GenerationEnd): string {
  const out =
    dropped > 0
      ? `The first ${dropped} of the text's ${promptTokens} tokens were out of the model's sight.`
      : '';
  const end = ending === 'end of text' ? 'The text ends here, the model says.' : '';
  return [out, end].filter((words) => words !== '').join(' ');
}
