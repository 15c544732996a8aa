/** One text as the lens reads it: scored piece by piece, painted on the way, and kept for hovers and passages. */
import { EndOfLine, l10n, type Position, type TextDocument, type TextEditor } from 'vscode';
import { InputError } from '../../common/errors.ts';
import type { ScoredToken } from '../../inference/language-model.ts';
import type { RemoteModel } from '../../inference/process/client.ts';
import { textOf } from '../labelling/open-documents.ts';
import type { Painter } from './painter.ts';
import { PieceScores } from './piece-scores.ts';
import { piecesOf } from './pieces.ts';
import {
  figuresOf,
  type LineSurprise,
  levelOf,
  lineSurprises,
  middleOf,
  type TextFigures,
} from './surprise.ts';
import { type SurprisingPassage, surprisingPassages } from './surprising-passages.ts';

/** A piece is scored with so many UTF-16 units before it for each token of the model's context, but not more than the limit. */
const leadInPerToken = 2;
const longestLeadIn = 1000;
/** A longer text is not read: its figures would take minutes. */
const mostUnits = 1_000_000;
/** What is known so far is painted at most so often. */
const repaintMs = 250;
/** In a hover, with each token. */
const alternatives = 3;

export interface ReadText {
  /** Of the document, when it was read. */
  readonly version: number;
  readonly text: string;
  readonly leadIn: number;
  readonly lines: readonly (LineSurprise | undefined)[];
  /** Of an empty text there are none. */
  readonly figures: TextFigures | undefined;
  readonly passages: readonly SurprisingPassage[];
}

export class Reading {
  readonly document: TextDocument;
  readonly model: RemoteModel;
  readonly #scores = new PieceScores();
  #read: ReadText | undefined;

  constructor(document: TextDocument, model: RemoteModel) {
    this.document = document;
    this.model = model;
  }

  /** The text as it is now; `undefined` while it is read, or after it was changed. */
  get read(): ReadText | undefined {
    return this.#read?.version === this.document.version ? this.#read : undefined;
  }

  /** Reads what is not known of the text, and paints it. Throws InputError for a text that is too long. */
  async run(editor: TextEditor, painter: Painter, signal: AbortSignal): Promise<void> {
    const { version } = this.document;
    const text = textOf(this.document);
    if (text.length > mostUnits) throw tooLong();
    const { context } = await this.model.facts();
    const leadIn = Math.min(longestLeadIn, leadInPerToken * context);
    const offset = offsetIn(this.document, editor.visibleRanges.at(0)?.start ?? editor.selection.active);
    const score = (part: string) => this.model.score(part, { alternatives: 0, signal });
    let painted = performance.now();
    for await (const soFar of this.#scores.score(text, { leadIn, offset, signal }, score)) {
      if (signal.aborted) return;
      if (soFar.share < 1 && performance.now() - painted < repaintMs) continue;
      const tokens = soFar.tokens();
      const lines = lineSurprises(text, tokens);
      const middle = middleOf(lines);
      if (soFar.share === 1) {
        const passages = surprisingPassages(lines, middle);
        this.#read = { version, text, leadIn, lines, figures: figuresOf(text, tokens), passages };
      }
      await painter.paint(
        editor,
        lines.map((line) => levelOf(line, middle)),
        signal,
      );
      painted = performance.now();
    }
  }

  /** The tokens of a line with what was expected instead; asked for only now, since most lines are never looked at. */
  async tokensOf(line: number, signal: AbortSignal): Promise<readonly ScoredToken[]> {
    const { read } = this;
    if (read === undefined) return [];
    const start = read.text.split('\n').slice(0, line).join('\n').length + (line > 0 ? 1 : 0);
    const newline = read.text.indexOf('\n', start);
    const end = newline < 0 ? read.text.length : newline + 1;
    const pieces = piecesOf(read.text, read.leadIn).filter((one) => one.end > start && one.start < end);
    const tokens: ScoredToken[] = [];
    for (const piece of pieces) {
      const scored = await this.model.score(read.text.slice(piece.from, piece.end), { alternatives, signal });
      const moved = scored.tokens.map((token) => ({
        ...token,
        start: token.start + piece.from,
        end: token.end + piece.from,
      }));
      const [from, to] = [Math.max(start, piece.start), Math.min(end, piece.end)];
      tokens.push(...moved.filter((token) => token.end > from && token.start < to));
    }
    return tokens;
  }
}

/** In the text with LF line ends, which is what is read; the editor counts CRLF as two. */
function offsetIn(document: TextDocument, place: Position): number {
  return document.offsetAt(place) - (document.eol === EndOfLine.CRLF ? place.line : 0);
}

function tooLong(): InputError {
  return new InputError(
    l10n.t('This text is longer than {0} million characters.', mostUnits / 1e6),
    l10n.t('On the command line `parlance eval` reads it whole.'),
  );
}
