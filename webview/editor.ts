/** The panel's line to the extension, and the state that outlives hiding and reloading. */
import {
  type FromPanel,
  type PanelState,
  panelStateSchema,
  type ToPanel,
  toPanelSchema,
} from '../src/panel-protocol/messages.ts';

interface EditorApi {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: PanelState): void;
}

declare function acquireVsCodeApi(): EditorApi;

const api = acquireVsCodeApi();

export function tell(message: FromPanel): void {
  api.postMessage(message);
}

/** Calls back for each message of the right form; others are dropped with a line in the console. */
export function listen(onMessage: (message: ToPanel) => void): void {
  window.addEventListener('message', ({ data }) => {
    const parsed = toPanelSchema.safeParse(data);
    if (parsed.success) onMessage(parsed.data);
    else console.error(`A message to the panel was not understood: ${parsed.error.message.slice(0, 500)}`);
  });
  tell({ type: 'ready' });
}

/** What the reader chose, by name; kept as text. */
export class Choices {
  readonly #state: PanelState;

  constructor() {
    const kept = panelStateSchema.safeParse(api.getState());
    const experiment = document.documentElement.dataset.experiment ?? '';
    this.#state =
      kept.success && kept.data.experiment === experiment ? kept.data : { experiment, chosen: {} };
    // Also without any choice: a window that is reloaded must know the panel's experiment.
    api.setState(this.#state);
  }

  get(name: string): string | undefined {
    return this.#state.chosen[name];
  }

  set(name: string, value: string): void {
    this.#state.chosen[name] = value;
    api.setState(this.#state);
  }
}
