/** The lens: on or off for the window, on the text that is looked at. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CancellationToken,
  commands,
  Disposable,
  Hover,
  l10n,
  languages,
  MarkdownString,
  type Position,
  Selection,
  type TextDocument,
  type TextEditor,
  TextEditorRevealType,
  window,
  workspace,
} from 'vscode';
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import { noTextOpen, textNotOnDisk } from '../missing.ts';
import { type ChosenModel, chooseModel, chosenModel } from '../models/chosen-model.ts';
import { modelOf, pickModel } from '../models/pick-model.ts';
import { tellOf } from '../next-step.ts';
import type { AllRuns } from '../runs/all-runs.ts';
import type { Services } from '../services.ts';
import { hoverWords } from './hover-words.ts';
import { LensStatus } from './lens-status.ts';
import { Painter } from './painter.ts';
import { Reading, type ReadText } from './reading.ts';
import { passageFrom } from './surprising-passages.ts';

/** After the last key, before a changed text is read again. */
const pauseMs = 400;
const SELECTOR = [{ scheme: 'file' }, { scheme: 'untitled' }];

interface LensState {
  readonly model: ChosenModel;
  readonly painter: Painter;
  /** By text: who goes back to one finds what was read of it. */
  readonly readings: WeakMap<TextDocument, Reading>;
  readonly parts: Disposable;
}

export class Lens implements Disposable {
  readonly #services: Services;
  readonly #runs: AllRuns;
  readonly #status = new LensStatus();
  #on: LensState | undefined;
  #reading: Reading | undefined;
  #work: Promise<void> = Promise.resolve();
  #giving = new AbortController();

  constructor(services: Services, runs: AllRuns) {
    this.#services = services;
    this.#runs = runs;
  }

  async toggle(): Promise<void> {
    if (this.#on !== undefined) return this.#turnOff();
    const model = await this.#ownModel();
    if (model !== undefined) this.#turnOn(model);
  }

  /** Of the row's model, or of one that the user picks: the lens on the text that is open, and its figures in words. */
  async evaluateFile(argument: unknown): Promise<void> {
    const { document } = openText();
    const model = await modelOf(this.#services, this.#runs, argument);
    if (model === undefined) return;
    const on = this.#turnOn(model);
    await this.#newestWork();
    // Why it was turned off is told already, or was the user's wish.
    if (this.#on !== on) return;
    const words = evaluationWords(document, on.readings.get(document)?.read, model);
    void window.showInformationMessage(words);
  }

  /** Selects the next passage, so that a key of labelling says what it is. */
  async next(): Promise<void> {
    const editor = openText();
    if (this.#on === undefined) await this.toggle();
    await this.#newestWork();
    const passages = this.#reading?.document === editor.document ? this.#reading.read?.passages : undefined;
    if (passages === undefined) return;
    const { selection } = editor;
    const passage = passageFrom(passages, selection.isEmpty ? selection.active.line : selection.end.line + 1);
    if (passage === undefined) {
      window.setStatusBarMessage(l10n.t('Nothing in this text stands out.'), 5000);
      return;
    }
    const { range } = editor.document.lineAt(passage.last);
    editor.selection = new Selection(passage.first, 0, passage.last, range.end.character);
    editor.revealRange(editor.selection, TextEditorRevealType.InCenterIfOutsideViewport);
  }

  dispose(): void {
    this.#turnOff();
    this.#status.dispose();
  }

  /** A text that is changed while it is read is read again. */
  async #newestWork(): Promise<void> {
    for (let work: Promise<void> | undefined; work !== this.#work; ) {
      work = this.#work;
      await work;
    }
  }

  /** The model of the settings, or else one that the user picks, which becomes that. */
  async #ownModel(): Promise<ChosenModel | undefined> {
    const state = this.#services.context.workspaceState;
    const chosen = chosenModel(state, window.activeTextEditor?.document);
    if (chosen !== undefined) return chosen;
    const picked = await pickModel(this.#runs);
    if (picked !== undefined) await chooseModel(state, picked);
    return picked;
  }

  #turnOn(model: ChosenModel): LensState {
    this.#turnOff();
    const parts = Disposable.from(
      window.onDidChangeActiveTextEditor((editor) => this.#look(editor)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document === this.#reading?.document && contentChanges.length > 0) this.#readAgain();
      }),
      languages.registerHoverProvider(SELECTOR, {
        provideHover: (document, position, token) => this.#hover(document, position, token),
      }),
    );
    const on: LensState = { model, painter: new Painter(), readings: new WeakMap(), parts };
    this.#on = on;
    void commands.executeCommand('setContext', 'parlance.lens', true);
    this.#look(window.activeTextEditor);
    return on;
  }

  #turnOff(): void {
    this.#giving.abort();
    this.#on?.parts.dispose();
    this.#on?.painter.dispose();
    this.#on = undefined;
    this.#reading = undefined;
    this.#status.hide();
    void commands.executeCommand('setContext', 'parlance.lens', false);
  }

  #look(editor: TextEditor | undefined): void {
    if (this.#on === undefined || editor === undefined || !canBeRead(editor.document)) {
      // What was read of the text before is kept.
      this.#giving.abort();
      this.#status.hide();
      return;
    }
    const { readings, model } = this.#on;
    const { document } = editor;
    this.#reading =
      readings.get(document) ?? new Reading(document, this.#services.models.model(model.folder));
    readings.set(document, this.#reading);
    this.#begin(editor, 0);
  }

  #readAgain(): void {
    const editor = window.visibleTextEditors.find(({ document }) => document === this.#reading?.document);
    if (editor !== undefined) this.#begin(editor, pauseMs);
  }

  /** Gives up what is being read, and reads after a pause. */
  #begin(editor: TextEditor, pause: number): void {
    this.#giving.abort();
    const giving = new AbortController();
    this.#giving = giving;
    this.#work = this.#read(editor, pause, giving.signal).catch((error: unknown) => {
      if (error instanceof InterruptedError || giving.signal.aborted) return;
      if (!(error instanceof ParlanceError)) throw error;
      this.#turnOff();
      void tellOf(error);
    });
  }

  async #read(editor: TextEditor, pause: number, signal: AbortSignal): Promise<void> {
    const [reading, on] = [this.#reading, this.#on];
    if (reading === undefined || on === undefined) return;
    if (pause > 0) await sleep(pause);
    if (signal.aborted) return;
    this.#status.showWorking(on.model.title);
    await reading.run(editor, on.painter, signal);
    if (!signal.aborted && reading.read !== undefined) this.#status.show(reading.read, on.model.title);
  }

  async #hover(
    document: TextDocument,
    { line }: Position,
    token: CancellationToken,
  ): Promise<Hover | undefined> {
    const reading = this.#reading;
    const read = reading?.document === document ? reading.read : undefined;
    const own = read?.lines.at(line);
    if (reading === undefined || read?.figures === undefined || own === undefined || own.isBlank)
      return undefined;
    const giving = new AbortController();
    const listening = token.onCancellationRequested(() => giving.abort());
    try {
      const tokens = await reading.tokensOf(line, giving.signal);
      const words = hoverWords(own, read.figures, tokens, l10n.t);
      const paragraphs = words.map((text) => new MarkdownString().appendText(text));
      return new Hover(paragraphs, document.lineAt(line).range);
    } catch (error) {
      if (error instanceof ParlanceError) return undefined;
      throw error;
    } finally {
      listening.dispose();
    }
  }
}

/** Throws NextStepError when no text is open that can be read. */
function openText(): TextEditor {
  const editor = window.activeTextEditor;
  if (editor === undefined) throw noTextOpen();
  if (!canBeRead(editor.document)) throw textNotOnDisk();
  return editor;
}

function canBeRead({ uri }: TextDocument): boolean {
  return SELECTOR.some(({ scheme }) => scheme === uri.scheme);
}

function evaluationWords(document: TextDocument, read: ReadText | undefined, model: ChosenModel): string {
  const name = workspace.asRelativePath(document.uri);
  if (read === undefined)
    return l10n.t('{0} was not read to its end, since another text was looked at. Evaluate it again.', name);
  const { figures } = read;
  if (figures === undefined) return l10n.t('{0}: this text is empty.', name);
  return l10n.t(
    '{0}: {1} bits per byte, perplexity {2} over {3} tokens, by {4}.',
    name,
    figures.bitsPerByte.toFixed(3),
    figures.perplexity.toPrecision(4),
    figures.tokens,
    model.title,
  );
}
