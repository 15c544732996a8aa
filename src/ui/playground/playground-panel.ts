/** The Playground's host side: which models there are, what they write, and what the page asks of the editor. */
import { randomBytes } from 'node:crypto';
import { env, l10n, Uri, type WebviewPanel, window, workspace } from 'vscode';
import { ParlanceError } from '../../common/errors.ts';
import { type FromPanel, fromPanelSchema, type ToPanel } from '../../panel-protocol/messages.ts';
import type { PlaygroundModels, Side } from '../../panel-protocol/playground.ts';
import { type ChosenModel, chosenModel, rememberTitle, titleOf } from '../models/chosen-model.ts';
import { listedModels } from '../models/listed-models.ts';
import { browseForModel } from '../models/pick-model.ts';
import { tellOf } from '../next-step.ts';
import { PacedSender } from '../panels/pace.ts';
import { panelHtml } from '../panels/page.ts';
import type { AllRuns } from '../runs/all-runs.ts';
import type { Services } from '../services.ts';
import { Writing } from './writing.ts';

/** Folders that were chosen outside of the experiments, for the next time. */
const BROWSED = 'parlance.browsedModels';
const mostBrowsed = 10;

export class PlaygroundPanel {
  readonly #services: Services;
  readonly #runs: AllRuns;
  readonly #panel: WebviewPanel;
  readonly #sender: PacedSender;
  readonly #writing: Writing;
  /** What the page was told of: a folder that it asks for is one of these. */
  #models: PlaygroundModels['models'] = [];
  /** Chosen before the page was there. */
  #chosen: { readonly side: Side; readonly folder: string } | undefined;
  #isReady = false;

  constructor(services: Services, runs: AllRuns, panel: WebviewPanel) {
    this.#services = services;
    this.#runs = runs;
    this.#panel = panel;
    const { webview } = panel;
    this.#sender = new PacedSender((message) => void webview.postMessage(message));
    this.#writing = new Writing(services.models, (part) => this.#tell({ type: 'written', parts: [part] }));
    const following = runs.onDidChange(() => void this.#tellModels());
    webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    panel.onDidDispose(() => {
      following.dispose();
      this.#writing.stop();
      this.#sender.dispose();
    });
    const file = (name: string) =>
      webview.asWebviewUri(Uri.joinPath(services.context.extensionUri, 'dist', name)).toString();
    webview.html = panelHtml({
      script: file('playground.js'),
      style: file('panels.css'),
      policySource: webview.cspSource,
      nonce: randomBytes(16).toString('base64'),
      // What is kept belongs to the window, not to one experiment.
      experiment: 'playground',
      title: panel.title,
    });
  }

  /** Brings it to the front, with a model on its left side. */
  show(model: ChosenModel | undefined): void {
    this.#panel.reveal();
    if (model === undefined) return;
    void this.#remember(model).then(() => this.#choose('left', model.folder));
  }

  #receive(message: unknown): void {
    const parsed = fromPanelSchema.safeParse(message);
    if (!parsed.success) return;
    this.#answer(parsed.data).catch((error: unknown) => {
      if (!(error instanceof ParlanceError)) throw error;
      void tellOf(error);
    });
  }

  async #answer(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        return this.#begin();
      case 'write': {
        const known = new Set(this.#models.map(({ folder }) => folder));
        return this.#writing.start({
          ...message,
          models: message.models.filter((one) => known.has(one.folder)),
        });
      }
      case 'stopWriting':
        return this.#writing.stop();
      case 'browseModel': {
        const model = await browseForModel();
        if (model === undefined) return;
        await this.#remember(model);
        return this.#choose(message.side, model.folder);
      }
      case 'copy':
        await env.clipboard.writeText(message.text);
        window.setStatusBarMessage(l10n.t('Copied.'), 3000);
    }
  }

  /** A page that was hidden begins anew, and is told again what was written. */
  async #begin(): Promise<void> {
    this.#isReady = true;
    if (!workspace.isTrusted) {
      const message = l10n.t('No model is run in a folder that you have not trusted.');
      const hint = l10n.t('Trust the folder, then open this panel again.');
      return this.#tell({ type: 'problem', message: `${message} ${hint}` });
    }
    await this.#tellModels();
    if (this.#chosen !== undefined) this.#tell({ type: 'playgroundChoice', ...this.#chosen });
    this.#chosen = undefined;
    if (this.#writing.soFar.length > 0) this.#tell({ type: 'written', parts: [...this.#writing.soFar] });
  }

  async #choose(side: Side, folder: string): Promise<void> {
    if (!this.#isReady) {
      this.#chosen = { side, folder };
      return;
    }
    await this.#tellModels();
    this.#tell({ type: 'playgroundChoice', side, folder });
  }

  async #tellModels(): Promise<void> {
    if (!this.#isReady || !workspace.isTrusted) return;
    const state = this.#services.context.workspaceState;
    const listed = (await listedModels(this.#runs)).map(({ folder, title, label, detail }) => ({
      folder,
      title: `${label} (${title})`,
      detail,
    }));
    const used = chosenModel(state, undefined)?.folder;
    const others = [...(used === undefined ? [] : [used]), ...state.get<string[]>(BROWSED, [])];
    const more = [...new Set(others)]
      .filter((folder) => !listed.some((one) => one.folder === folder))
      .map((folder) => ({ folder, title: titleOf(state, folder), detail: folder }));
    this.#models = [...listed, ...more];
    this.#tell({ type: 'playgroundModels', models: this.#models });
  }

  async #remember(model: ChosenModel): Promise<void> {
    const state = this.#services.context.workspaceState;
    await rememberTitle(state, model);
    const earlier = state.get<string[]>(BROWSED, []).filter((folder) => folder !== model.folder);
    await state.update(BROWSED, [model.folder, ...earlier].slice(0, mostBrowsed));
  }

  #tell(message: ToPanel): void {
    this.#sender.send(message);
  }
}
