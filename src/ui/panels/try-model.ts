/** *Try* of a panel: a text that the model behind a measurement continues, in a process of its own. */
import { l10n, type Uri } from 'vscode';
import * as z from 'zod';
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import type { FromPanel, ToPanel } from '../../panel-protocol/messages.ts';
import { askCommandLine, type JsonLine } from '../command-line.ts';

/** Enough to hear what a model sounds like, at the sizes that are trained here within seconds. */
const MOST_TOKENS = 64;

const lineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('note'), text: z.string() }),
  z.object({ type: z.literal('completed'), ending: z.enum(['end of text', 'most tokens', 'stopped']) }),
]);

type Request = Extract<FromPanel, { type: 'tryModel' }>;
type Tried = Extract<ToPanel, { type: 'tried' }>;

export class ModelTrial {
  readonly #extensionUri: Uri;
  readonly #tell: (message: Tried) => void;
  #running: AbortController | undefined;

  constructor(extensionUri: Uri, tell: (message: Tried) => void) {
    this.#extensionUri = extensionUri;
    this.#tell = tell;
  }

  /** Gives up what is being written, and begins with this. */
  async start(folder: string, { prompt, seed }: Request): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    let [text, note] = ['', ''];
    const tell = (state: Tried['state']): void => {
      if (this.#running === running) this.#tell({ type: 'tried', text, state, note });
    };
    tell('writing');
    const onLine = (line: JsonLine): void => {
      const read = lineSchema.safeParse(line).data;
      if (read?.type === 'text') text += read.text;
      if (read?.type === 'note') note = read.text;
      if (read?.type === 'completed' && read.ending === 'end of text') {
        note = l10n.t('{0} The text ends here, the model says.', note).trim();
      }
      tell('writing');
    };
    const options = ['--model', folder, '--seed', `${seed}`, '--tokens', `${MOST_TOKENS}`];
    const args = ['complete', ...options, '--', prompt];
    try {
      await askCommandLine({ extensionUri: this.#extensionUri, args, signal: running.signal, onLine });
      tell('ended');
    } catch (error) {
      if (error instanceof InterruptedError) return;
      note = error instanceof ParlanceError ? `${error.message} ${error.hint}` : String(error);
      tell('failed');
    }
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }
}
