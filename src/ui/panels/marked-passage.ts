/** A passage that is shown in an editor and marked until the reader moves on: with the cursor, or by closing it. */
import {
  l10n,
  MarkdownString,
  OverviewRulerLane,
  Range,
  Selection,
  type TextEditor,
  TextEditorRevealType,
  ThemeColor,
  window,
} from 'vscode';
import { formatPerplexity } from '../../common/format.ts';
import type { DocumentEvaluation } from '../../methods/stages/evaluation-files.ts';
import type { Place } from './passage-place.ts';

export function markPassage(editor: TextEditor, { start, end }: Place, hover: string): void {
  const { document } = editor;
  const range = new Range(document.positionAt(start), document.positionAt(end));
  const marking = window.createTextEditorDecorationType({
    backgroundColor: new ThemeColor('editor.findMatchHighlightBackground'),
    overviewRulerColor: new ThemeColor('editorOverviewRuler.findMatchForeground'),
    overviewRulerLane: OverviewRulerLane.Center,
  });
  const cursor = new Selection(range.start, range.start);
  editor.selection = cursor;
  editor.setDecorations(marking, [{ range, hoverMessage: new MarkdownString().appendText(hover) }]);
  editor.revealRange(range, TextEditorRevealType.InCenter);
  const listeners = [
    window.onDidChangeTextEditorSelection((event) => {
      // Setting the cursor above tells of itself, a moment later.
      if (event.textEditor === editor && !event.selections[0].isEqual(cursor)) release();
    }),
    window.onDidChangeVisibleTextEditors((visible) => {
      if (!visible.includes(editor)) release();
    }),
  ];
  const release = (): void => {
    marking.dispose();
    for (const listener of listeners) listener.dispose();
  };
}

export function passageHover(
  method: string,
  { negativeLogLikelihood, tokens, passage }: DocumentEvaluation,
): string {
  if (passage === undefined) return '';
  const perplexity = (nats: number, count: number): string => formatPerplexity(Math.exp(nats / count));
  return l10n.t(
    'The hardest passage of this file for {0}: perplexity {1} over {2} tokens. The whole file has {3}.',
    method,
    perplexity(passage.negativeLogLikelihood, passage.tokens),
    passage.tokens,
    perplexity(negativeLogLikelihood, Math.max(1, tokens)),
  );
}
