/** One panel: its page, its messages both ways, and what it asks of the editor. Its data are an `ExperimentFeed`'s. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  commands,
  type Disposable,
  l10n,
  Position,
  Range,
  Uri,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import { ParlanceError } from '../../common/errors.ts';
import { configurationJson } from '../../experiments/config/recorded-facts.ts';
import { type FromPanel, fromPanelSchema, type ToPanel } from '../../panel-protocol/messages.ts';
import type { OpenExperiment } from '../experiments.ts';
import type { Services } from '../services.ts';
import { ExperimentFeed } from './experiment-feed.ts';
import { exportFile } from './export-file.ts';
import { runAnotherSeed, runPoint } from './extend-experiment.ts';
import { documentAt, documentsMessage, fileOf, passageText } from './held-out-files.ts';
import { markPassage, passageHover } from './marked-passage.ts';
import { measuredFolder, saveMeasuredModel } from './measured-model.ts';
import { PacedSender } from './pace.ts';
import { panelHtml } from './page.ts';
import { placeOfPassage } from './passage-place.ts';
import { ModelTrial } from './try-model.ts';

export type PanelKind = 'tradeoffs' | 'perplexity';

/** What a point of the trade-offs asks to be shown of. */
export interface Focus {
  readonly method: string;
  readonly evaluation: string;
}

export class ExperimentPanel {
  readonly #services: Services;
  #open: OpenExperiment;
  readonly #kind: PanelKind;
  readonly #panel: WebviewPanel;
  readonly #sender: PacedSender;
  readonly #trial: ModelTrial;
  readonly #onFocus: (focus: Focus) => void;
  readonly #following: Disposable;
  /** The page asked to be told; before that, nothing reaches it. */
  #isReady = false;
  #feed: ExperimentFeed | undefined;
  /** What is to be shown of a page that is not there yet. */
  #focus: Focus | undefined;

  constructor(
    services: Services,
    source: { readonly open: OpenExperiment; readonly kind: PanelKind; readonly panel: WebviewPanel },
    onFocus: (focus: Focus) => void,
  ) {
    this.#services = services;
    this.#open = source.open;
    this.#kind = source.kind;
    this.#panel = source.panel;
    this.#onFocus = onFocus;
    this.#sender = new PacedSender((message) => void this.#panel.webview.postMessage(message));
    this.#trial = new ModelTrial(services.context.extensionUri, (message) => this.#tell(message));
    const { webview } = source.panel;
    webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    source.panel.onDidDispose(() => this.#dispose());
    this.#following = services.experiments.onDidChange(() => void this.#followFile());
    const file = (name: string) =>
      webview.asWebviewUri(Uri.joinPath(services.context.extensionUri, 'dist', name)).toString();
    webview.html = panelHtml({
      script: file(`${source.kind}.js`),
      style: file('panels.css'),
      policySource: webview.cspSource,
      nonce: randomBytes(16).toString('base64'),
      experiment: source.open.file,
      title: source.panel.title,
    });
  }

  get title(): string {
    return this.#panel.title;
  }

  focus(focus: Focus): void {
    // A page that is not looked at is not there; it asks to be told when it is shown.
    const isThere = this.#isReady && this.#panel.visible;
    this.#panel.reveal();
    if (isThere) this.#tell({ type: 'focus', ...focus });
    else this.#focus = focus;
  }

  reveal(): void {
    this.#panel.reveal();
  }

  #receive(message: unknown): void {
    const parsed = fromPanelSchema.safeParse(message);
    if (!parsed.success) return;
    this.#answer(parsed.data).catch((error: unknown) => {
      const text = error instanceof ParlanceError ? `${error.message} ${error.hint}` : String(error);
      void window.showErrorMessage(text);
    });
  }

  async #answer(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        return this.#begin();
      case 'openMeasurement': {
        const found = this.#feed?.measurement(message.evaluation);
        if (found !== undefined) this.#onFocus({ method: found.method, evaluation: found.fingerprint });
        return;
      }
      case 'askDocuments': {
        const directory = this.#evaluationFolder(message.evaluation);
        if (directory !== undefined) this.#tell(await documentsMessage(directory, message));
        return;
      }
      case 'openDocument':
        return this.#openDocument(message.evaluation, message.index);
      case 'compareRuns': {
        const { storage } = this.#open;
        const runs = this.#feed?.comparison.map((run) => ({ kind: 'run', storage, run }));
        return commands.executeCommand('parlance.compareRuns', undefined, runs);
      }
      case 'runPoint': {
        const { pretraining, domainTokens } = message;
        return runPoint(this.#open, { pretraining, domainTokens });
      }
      case 'runAnotherSeed': {
        const { content } = this.#open;
        const measured = this.#feed?.seeds ?? new Set();
        return content instanceof ParlanceError ? undefined : runAnotherSeed(this.#open, content, measured);
      }
      case 'saveModel': {
        const found = this.#feed?.measurement(message.evaluation);
        return found && saveMeasuredModel(this.#open.storage, found);
      }
      case 'tryModel': {
        const found = this.#feed?.measurement(message.evaluation);
        const folder = found && (await measuredFolder(this.#open.storage, found));
        return folder === undefined ? undefined : this.#trial.start(folder, message);
      }
      case 'export':
        return exportFile(this.#open.folder.uri, message);
    }
  }

  /** What the experiment file says now is what the panel is about. */
  async #followFile(): Promise<void> {
    const all = await this.#services.experiments.all();
    const now = all.find(({ file }) => file === this.#open.file);
    if (now === undefined || contentKey(now) === contentKey(this.#open)) return;
    this.#open = now;
    if (this.#isReady) this.#begin();
  }

  /** A page that was hidden or reloaded begins anew and has to be told everything again. */
  #begin(): void {
    this.#isReady = true;
    this.#feed?.dispose();
    this.#feed = undefined;
    const { content, storage } = this.#open;
    if (content instanceof ParlanceError) {
      this.#tell({ type: 'problem', message: `${content.message} ${content.hint}` });
      return;
    }
    if (!workspace.isTrusted) {
      const message = l10n.t('Runs are not looked at in a folder that you have not trusted.');
      const hint = l10n.t('Trust the folder, then open this panel again.');
      this.#tell({ type: 'problem', message: `${message} ${hint}` });
      return;
    }
    const source = { experiment: content, storage, withCurves: this.#kind === 'perplexity' };
    this.#tell({ type: 'curves', curves: [] });
    this.#feed = new ExperimentFeed(this.#services.hosts, source, (message) => this.#tell(message));
    if (this.#focus !== undefined) this.#tell({ type: 'focus', ...this.#focus });
    this.#focus = undefined;
  }

  #tell(message: ToPanel): void {
    if (this.#kind === 'tradeoffs' && message.type === 'results' && message.measurements.length > 0) {
      this.#services.milestones.reach('sawResults');
    }
    this.#sender.send(message);
  }

  /** Only of evaluations that the panel was told of: what it asks for is not trusted to be a path. */
  #evaluationFolder(evaluation: string): string | undefined {
    if (this.#feed?.measurement(evaluation) === undefined || !/^[0-9a-f]{64}$/.test(evaluation))
      return undefined;
    return join(this.#open.storage, 'artifacts', evaluation);
  }

  async #openDocument(evaluation: string, index: number): Promise<void> {
    const directory = this.#evaluationFolder(evaluation);
    const document = directory === undefined ? undefined : await documentAt(directory, index);
    const { content } = this.#open;
    if (document === undefined || content instanceof ParlanceError) return;
    const measurement = this.#feed?.measurement(evaluation);
    const domain = content.plan.domains.find(({ name }) => name === measurement?.domain);
    const passage = await passageText(this.#open.storage, evaluation, document);
    const file = await fileOf(document.source, domain?.sources ?? [], passage);
    if (file === undefined) {
      void window.showWarningMessage(
        l10n.t('{0} is not in the folders of this domain any more.', document.source),
      );
      return;
    }
    const line = /\.(jsonl|ndjson)$/i.test(file) ? Math.max(0, document.record - 1) : 0;
    const selection = new Range(new Position(line, 0), new Position(line, 0));
    const editor = await window.showTextDocument(Uri.file(file), { selection, preview: true });
    const from = editor.document.offsetAt(selection.start);
    const place =
      passage === undefined ? undefined : placeOfPassage(editor.document.getText(), passage, from);
    if (place !== undefined) markPassage(editor, place, passageHover(measurement?.method ?? '', document));
    else if (passage !== undefined)
      window.setStatusBarMessage(l10n.t('The hardest passage is not in this file as it is now.'), 8000);
  }

  #dispose(): void {
    this.#following.dispose();
    this.#trial.stop();
    this.#feed?.dispose();
    this.#sender.dispose();
  }
}

function contentKey({ content }: OpenExperiment): string {
  return content instanceof ParlanceError ? content.message : JSON.stringify(configurationJson(content));
}
