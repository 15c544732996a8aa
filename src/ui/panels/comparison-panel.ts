/** The panel that compares runs: its page, what it is told, and again whenever one of the runs goes on. */
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { type Disposable, l10n, Uri, type WebviewPanel, window } from 'vscode';
import { ParlanceError } from '../../common/errors.ts';
import { type HeldOutText, heldOutText } from '../../experiments/results/held-out-text.ts';
import {
  type ComparableRun,
  choosingMethods,
  comparisonWarnings,
  runDifferences,
  runNames,
} from '../../experiments/runs/run-comparison.ts';
import type { RunView } from '../../experiments/runs/run-view.ts';
import { readRunRecord } from '../../experiments/runs/runs.ts';
import { fromPanelSchema, type ToPanel } from '../../panel-protocol/messages.ts';
import { phaseWords } from '../run-words.ts';
import type { AllRuns } from '../runs/all-runs.ts';
import type { Services } from '../services.ts';
import { exportFile } from './export-file.ts';
import { panelHtml } from './page.ts';

export interface ComparisonSource {
  readonly panel: WebviewPanel;
  /** What the kept state of the page belongs to. */
  readonly key: string;
  /** As they are now, the oldest first; `undefined` before the runs of the workspace are known. */
  readonly chosen: () => readonly RunView[] | undefined;
}

export class ComparisonPanel {
  readonly #source: ComparisonSource;
  readonly #following: Disposable;
  #isReady = false;
  #told = '';
  #telling: Promise<void> = Promise.resolve();

  constructor({ context }: Pick<Services, 'context'>, runs: AllRuns, source: ComparisonSource) {
    this.#source = source;
    const { panel, key } = source;
    const { webview } = panel;
    const file = (name: string) =>
      webview.asWebviewUri(Uri.joinPath(context.extensionUri, 'dist', name)).toString();
    this.#following = runs.onDidChange(() => this.#tell());
    webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    panel.onDidDispose(() => this.#following.dispose());
    webview.html = panelHtml({
      script: file('compare.js'),
      style: file('panels.css'),
      policySource: webview.cspSource,
      nonce: randomBytes(16).toString('base64'),
      experiment: key,
      title: panel.title,
    });
  }

  reveal(): void {
    this.#source.panel.reveal();
  }

  #receive(message: unknown): void {
    const parsed = fromPanelSchema.safeParse(message);
    if (!parsed.success) return;
    if (parsed.data.type === 'ready') {
      this.#isReady = true;
      this.#told = '';
      this.#tell();
    } else if (parsed.data.type === 'export') {
      const [first] = this.#source.chosen() ?? [];
      if (first === undefined) return;
      exportFile(Uri.file(dirname(first.experimentFile)), parsed.data).catch(
        (error: unknown) => void window.showErrorMessage(inWords(error)),
      );
    }
  }

  /** One reading after another, so that an older one never overtakes a newer. */
  #tell(): void {
    if (!this.#isReady) return;
    this.#telling = this.#telling.then(async () => {
      const chosen = this.#source.chosen();
      if (chosen === undefined) return;
      const message = await comparisonMessage(chosen).catch(
        (error: unknown): ToPanel => ({ type: 'problem', message: inWords(error) }),
      );
      const text = JSON.stringify(message);
      if (text === this.#told) return;
      this.#told = text;
      await this.#source.panel.webview.postMessage(message);
    });
  }
}

async function comparisonMessage(views: readonly RunView[]): Promise<ToPanel> {
  if (views.length === 0) {
    return { type: 'problem', message: l10n.t('The runs that were compared here are not there any more.') };
  }
  const compared = await Promise.all(views.map(comparable));
  const names = runNames(views.length);
  return {
    type: 'comparison',
    runs: views.map((view, index) => ({
      name: names[index],
      title: view.title,
      created: view.created,
      methods: [...view.methods],
      choosesTuned: [...choosingMethods(compared[index])],
      state: phaseWords(view.phase, l10n.t),
      seeds: [...view.seeds],
      measurements: [...view.measurements],
    })),
    differences: runDifferences(compared).map(({ setting, values }) => ({ setting, values: [...values] })),
    warnings: [...comparisonWarnings(compared)],
  };
}

async function comparable(view: RunView): Promise<ComparableRun> {
  const { storage, id, corpora, measurements } = view;
  const record = await readRunRecord(storage, id);
  const heldOut: Record<string, HeldOutText> = {};
  for (const domain of new Set(measurements.map((one) => one.domain))) {
    const evaluation = measurements.findLast((one) => one.domain === domain);
    const text = evaluation && (await heldOutText(storage, evaluation.fingerprint));
    if (text !== undefined) heldOut[domain] = text;
  }
  // Older records do not say which methods were asked for; the view knows them from elsewhere.
  const asked = { ...record, methods: [...view.methods] };
  return { record: asked, ...(corpora && { corpora }), measurements, heldOut };
}

function inWords(error: unknown): string {
  return error instanceof ParlanceError ? `${error.message} ${error.hint}` : String(error);
}
