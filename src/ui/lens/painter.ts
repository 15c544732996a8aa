/**
 * The lens as decorations: a shade of the line, and a bar before it that grows with the surprise, so that it is seen
 * without colours too. One kind of decoration is set at a time, and the extension host has its turn between two.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Disposable,
  OverviewRulerLane,
  Range,
  type TextEditor,
  type TextEditorDecorationType,
  ThemeColor,
  window,
} from 'vscode';
import { type Level, levels, runsByLevel } from './surprise.ts';

/** Only the most surprising lines are marked beside the scroll bar. */
const markedFrom = 4;

export class Painter implements Disposable {
  readonly #types = levels.map((level) => ({ level, type: decorationOf(level) }));

  /** Replaces what is painted in an editor; given up when `signal` is aborted. */
  async paint(editor: TextEditor, ofLines: readonly Level[], signal: AbortSignal): Promise<void> {
    const runs = runsByLevel(ofLines);
    for (const { level, type } of this.#types) {
      if (signal.aborted) return;
      editor.setDecorations(
        type,
        runs[level].map(({ first, last }) => new Range(first, 0, last, 0)),
      );
      await nextTurn();
    }
  }

  dispose(): void {
    for (const { type } of this.#types) type.dispose();
  }
}

function decorationOf(level: (typeof levels)[number]): TextEditorDecorationType {
  return window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new ThemeColor(`parlance.surprise${level}Background`),
    borderStyle: 'solid',
    borderWidth: `0 0 0 ${level}px`,
    borderColor: new ThemeColor('parlance.surpriseForeground'),
    ...(level >= markedFrom && {
      overviewRulerColor: new ThemeColor('parlance.surpriseForeground'),
      overviewRulerLane: OverviewRulerLane.Left,
    }),
  });
}
