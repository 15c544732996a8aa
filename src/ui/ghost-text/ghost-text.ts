/**
 * Ghost text: what the chosen model expects at the cursor, as far as the line goes. A request is given up as soon as the
 * editor asks for another, which it does with each key and each move of the cursor; the model's process keeps what it
 * has read of the prompt.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CancellationToken,
  commands,
  type Disposable,
  InlineCompletionItem,
  type InlineCompletionItemProvider,
  l10n,
  languages,
  type Position,
  Range,
  type TextDocument,
  window,
  workspace,
} from 'vscode';
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import type { GenerationEnd } from '../../inference/language-model.ts';
import { type ChosenModel, chosenModel } from '../models/chosen-model.ts';
import type { Services } from '../services.ts';
import { askedWith, correctedRatio, promptStart, promptTokens, shownText } from './prompt.ts';
import { CompletionsStatus } from './status.ts';
import { areCompletionsOn, isAnythingCompleted, setCompletions } from './switch.ts';

/** Keys that follow each other faster are one request. */
const pauseMs = 20;
/** A first guess, corrected by the model's own count. */
const unitsPerToken = 3;

export class GhostText implements InlineCompletionItemProvider, Disposable {
  readonly #services: Services;
  readonly #status: CompletionsStatus;
  readonly #disposables: Disposable[];
  readonly #unitsPerToken = new Map<string, number>();
  /** Models that could not be asked: they are asked again when the settings change. */
  readonly #asleep = new Set<string>();
  #provider: Disposable | undefined;

  constructor(services: Services) {
    this.#services = services;
    this.#status = new CompletionsStatus(services.context.workspaceState, this.#asleep);
    this.#disposables = [
      this.#status,
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('parlance.completions')) this.#wake();
      }),
      workspace.onDidGrantWorkspaceTrust(() => this.#wake()),
    ];
    this.#wake();
  }

  async provideInlineCompletionItems(
    document: TextDocument,
    position: Position,
    _context: unknown,
    token: CancellationToken,
  ): Promise<InlineCompletionItem[]> {
    const model = this.#modelFor(document, position);
    if (model === undefined) return [];
    await sleep(pauseMs);
    if (token.isCancellationRequested) return [];
    const giving = new AbortController();
    const listening = token.onCancellationRequested(() => giving.abort());
    try {
      const text = await this.#continue(model.folder, document, position, giving.signal);
      return text === '' ? [] : [new InlineCompletionItem(text, new Range(position, position))];
    } catch (error) {
      if (!(error instanceof InterruptedError)) this.#sleep(model, error);
      return [];
    } finally {
      listening.dispose();
    }
  }

  /** For the language or folder of the text that is open, as far as these have a setting of their own. */
  async toggle(): Promise<void> {
    const document = window.activeTextEditor?.document;
    const isOn = document === undefined ? isAnythingCompleted() : areCompletionsOn(document);
    await setCompletions(!isOn, document);
    const hasModel = chosenModel(this.#services.context.workspaceState, document) !== undefined;
    if (!isOn && !hasModel) await commands.executeCommand('parlance.useForCompletions');
  }

  dispose(): void {
    this.#provider?.dispose();
    for (const one of this.#disposables) one.dispose();
  }

  /** `undefined` where nothing is completed: also within a line, since the model does not know what follows there. */
  #modelFor(document: TextDocument, position: Position): ChosenModel | undefined {
    if (!workspace.isTrusted || !areCompletionsOn(document)) return undefined;
    if (document.lineAt(position.line).text.slice(position.character).trim() !== '') return undefined;
    const model = chosenModel(this.#services.context.workspaceState, document);
    return model === undefined || this.#asleep.has(model.folder) ? undefined : model;
  }

  async #continue(
    folder: string,
    document: TextDocument,
    position: Position,
    signal: AbortSignal,
  ): Promise<string> {
    const { context } = await this.#services.models.model(folder).facts();
    const mostTokens = workspace.getConfiguration('parlance.completions', document).get('tokens', 24);
    const ratio = this.#unitsPerToken.get(folder) ?? unitsPerToken;
    const budget = Math.floor(promptTokens(context, mostTokens) * ratio);
    const start = promptStart(document.offsetAt(position), budget);
    const before = document.getText(new Range(document.positionAt(start), position));
    const asked = askedWith(before, start === 0);
    const { text, end } = await this.#generate(folder, { prompt: asked.prompt, mostTokens }, signal);
    this.#unitsPerToken.set(folder, correctedRatio(ratio, asked, end));
    return shownText(text, asked, end.ending);
  }

  async #generate(
    folder: string,
    request: { readonly prompt: string; readonly mostTokens: number },
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly end: GenerationEnd }> {
    const greedy = { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 };
    const stream = this.#services.models
      .model(folder)
      .generate({ ...request, ...greedy, stop: ['\n'], alternatives: 0 }, signal);
    let text = '';
    for (;;) {
      const { done, value } = await stream.next();
      if (done) return { text, end: value };
      text += value.text;
    }
  }

  /** Says once why nothing is completed. */
  #sleep({ folder, title }: ChosenModel, error: unknown): void {
    if (this.#asleep.has(folder)) return;
    this.#asleep.add(folder);
    this.#status.show();
    const another = l10n.t('Choose Another Model');
    const off = l10n.t('Turn Completions Off');
    const why = error instanceof ParlanceError ? `${error.message} ${error.hint}` : String(error);
    const text = l10n.t('{0} completes nothing at the moment. {1}', title, why);
    void window.showWarningMessage(text, another, off).then((answer) => {
      if (answer === another) void commands.executeCommand('parlance.useForCompletions');
      if (answer === off) void setCompletions(false, window.activeTextEditor?.document);
    });
  }

  #wake(): void {
    this.#asleep.clear();
    const isWanted = workspace.isTrusted && isAnythingCompleted();
    if (isWanted) this.#provider ??= languages.registerInlineCompletionItemProvider(SELECTOR, this);
    else {
      this.#provider?.dispose();
      this.#provider = undefined;
    }
    this.#status.show();
  }
}

const SELECTOR = [{ scheme: 'file' }, { scheme: 'untitled' }];
