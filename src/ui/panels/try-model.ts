/** *Try* of a panel: a text that the model behind a measurement continues, in a process of its own. */
import { l10n, type Uri } from 'vscode';
import * as z from 'zod';
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import { type FromPanel, type ToPanel, TRIAL } from '../../panel-protocol/messages.ts';
import { askCommandLine, type JsonLine } from '../command-line.ts';

const lineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('note'), text: z.string() }),
  z.object({
    type: z.literal('completed'),
    ending: z.enum(['end of text', 'most tokens', 'stop', 'stopped']),
  }),
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
    const { temperature, mostTokens } = TRIAL;
    const draw = ['--seed', `${seed}`, '--tokens', `${mostTokens}`, '--temperature', `${temperature}`];
    const args = ['complete', '--model', folder, ...draw, '--', prompt];
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
