/** What can be done with an experiment file, over its first line, and how its newest run stands. */
import {
  CodeLens,
  Disposable,
  EventEmitter,
  l10n,
  languages,
  Range,
  type TextDocument,
  workspace,
} from 'vscode';
import type { RunView } from '../../../experiments/runs/run-view.ts';
import type { Subscription } from '../../../host/hosts.ts';
import { isExperimentOfFolder } from '../../experiments.ts';
import { runWords } from '../../run-words.ts';
import type { Services } from '../../services.ts';
import { isExperimentFile } from './problems.ts';

export function registerLenses(services: Services): Disposable {
  const changed = new EventEmitter<void>();
  const newest = new Newest(services, () => changed.fire());
  const provider = languages.registerCodeLensProvider(
    { language: 'json', scheme: 'file', pattern: '**/parlance.json' },
    {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: async (document) =>
        isExperimentOfFolder(document.uri) ? lensesOf(document, await newest.of(document)) : [],
    },
  );
  return Disposable.from(provider, changed, newest);
}

function lensesOf({ uri }: TextDocument, run: RunView | undefined): CodeLens[] {
  const top = new Range(0, 0, 0, 0);
  const lens = (title: string, command: string): CodeLens =>
    new CodeLens(top, { title, command, arguments: [uri] });
  return [
    lens(`$(run-all) ${l10n.t('Run')}`, 'parlance.run'),
    lens(`$(lightbulb) ${l10n.t('Plan')}`, 'parlance.plan'),
    lens(`$(graph-scatter) ${l10n.t('Open trade-offs')}`, 'parlance.openTradeoffs'),
    ...(run === undefined
      ? []
      : [lens(`$(pulse) ${l10n.t('Newest run: {0}', wordsOf(run))}`, 'parlance.openPerplexity')]),
  ];
}

const wordsOf = (run: RunView): string => runWords(run, l10n.t);

/** The newest run of each experiment file that was shown. */
class Newest implements Disposable {
  readonly #services: Services;
  readonly #onChange: () => void;
  readonly #watches = new Map<string, Subscription>();
  readonly #runs = new Map<string, RunView>();
  readonly #closing: Disposable;

  constructor(services: Services, onChange: () => void) {
    this.#services = services;
    this.#onChange = onChange;
    this.#closing = workspace.onDidCloseTextDocument((document) => {
      if (isExperimentFile(document)) this.#forget(document.uri.fsPath);
    });
  }

  async of({ uri }: TextDocument): Promise<RunView | undefined> {
    // Its storage says where living processes are to be met.
    if (!workspace.isTrusted) return undefined;
    const file = uri.fsPath;
    const experiment = (await this.#services.experiments.all()).find((one) => one.file === file);
    if (experiment === undefined) return undefined;
    if (!this.#watches.has(file)) {
      const watch = this.#services.hosts.watch(experiment.storage, (runs) => this.#update(file, runs));
      this.#watches.set(file, watch);
    }
    return this.#runs.get(file);
  }

  dispose(): void {
    this.#closing.dispose();
    for (const file of [...this.#watches.keys()]) this.#forget(file);
  }

  #update(file: string, runs: readonly RunView[]): void {
    const run = runs.find(({ experimentFile }) => experimentFile === file);
    const before = this.#runs.get(file);
    if (run === undefined) this.#runs.delete(file);
    else this.#runs.set(file, run);
    if ((run && wordsOf(run)) !== (before && wordsOf(before))) this.#onChange();
  }

  #forget(file: string): void {
    this.#watches.get(file)?.dispose();
    this.#watches.delete(file);
    this.#runs.delete(file);
  }
}
