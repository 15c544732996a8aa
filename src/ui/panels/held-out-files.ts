/** Held-out documents of an evaluation for the panel, the file on disk behind one, and its hardest passage. */
import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import type { CorpusSource } from '../../corpus/sources/specification.ts';
import { TokenStore } from '../../corpus/tokens/token-store.ts';
import { TOKENIZER_FILE } from '../../formats/model-folder.ts';
import { type DocumentEvaluation, readDocumentEvaluations } from '../../methods/stages/evaluation-files.ts';
import type { DocumentOrder, HeldOutDocument, ToPanel } from '../../panel-protocol/messages.ts';
import { readManifest } from '../../pipeline/manifest.ts';
import { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { placeOfPassage } from './passage-place.ts';

/** What the panel asks for: an evaluation's documents in an order, the first so many. */
export interface DocumentQuestion {
  readonly evaluation: string;
  readonly order: DocumentOrder;
  readonly most: number;
}

export async function documentsMessage(
  directory: string,
  { evaluation, order, most }: DocumentQuestion,
): Promise<Extract<ToPanel, { type: 'documents' }>> {
  const documents = await readDocuments(directory);
  if (documents === undefined) {
    const note =
      'This evaluation was made before losses were kept for each file, or was cleaned away; run it again.';
    return { type: 'documents', evaluation, order, documents: [], total: 0, note };
  }
  return {
    type: 'documents',
    evaluation,
    order,
    documents: ordered(documents, order).slice(0, most),
    total: documents.length,
    note: '',
  };
}

export function ordered(
  documents: readonly DocumentEvaluation[],
  { by, isRising }: DocumentOrder,
): HeldOutDocument[] {
  const value = VALUES[by];
  const sign = isRising ? 1 : -1;
  return documents.map(heldOutDocument).sort((a, b) => sign * (value(a) - value(b)));
}

const VALUES: Readonly<Record<DocumentOrder['by'], (document: HeldOutDocument) => number>> = {
  'bits per byte': ({ negativeLogLikelihood, bytes }) => negativeLogLikelihood / Math.max(1, bytes),
  perplexity: ({ negativeLogLikelihood, tokens }) => negativeLogLikelihood / Math.max(1, tokens),
  'hardest passage': ({ worstPerplexity = 0 }) => worstPerplexity,
  tokens: ({ tokens }) => tokens,
};

function heldOutDocument(
  { source, record, tokens, bytes, negativeLogLikelihood, passage }: DocumentEvaluation,
  index: number,
): HeldOutDocument {
  const worst = passage && { worstPerplexity: Math.exp(passage.negativeLogLikelihood / passage.tokens) };
  return { index, source, record, tokens, bytes, negativeLogLikelihood, ...worst };
}

export async function documentAt(directory: string, index: number): Promise<DocumentEvaluation | undefined> {
  return (await readDocuments(directory))?.[index];
}

/**
 * The text of a document's hardest passage as the model read it, from the tokens that were evaluated; `undefined` where
 * they were cleaned away, or the evaluation is older than passages.
 */
export async function passageText(
  storage: string,
  evaluation: string,
  { passage }: DocumentEvaluation,
): Promise<string | undefined> {
  if (passage === undefined) return undefined;
  try {
    const inputOf = async (id: string, role: string): Promise<string> =>
      (await readManifest(join(storage, 'artifacts', id), id))?.inputs[role] ?? '';
    const tokens = await inputOf(evaluation, 'tokens');
    const tokenizer = await inputOf(tokens, 'tokenizer');
    const reader = await Tokenizer.load(join(storage, 'artifacts', tokenizer, TOKENIZER_FILE));
    const store = await TokenStore.open(join(storage, 'artifacts', tokens));
    try {
      const ids = new Int32Array(passage.tokens);
      store.read(passage.document, { from: passage.from, length: passage.tokens }, ids, 0);
      return reader.decode(ids.filter((id) => id !== reader.endOfText));
    } finally {
      store.close();
    }
  } catch {
    return undefined;
  }
}

/**
 * Only files inside of the domain's own sources; `undefined` when there is none any more. Of several sources that have a
 * file of this name it is the one that the passage stands in.
 */
export async function fileOf(
  source: string,
  sources: readonly CorpusSource[],
  passage?: string,
): Promise<string | undefined> {
  const files: string[] = [];
  for (const { path } of sources) {
    const inFolder = resolve(join(path, source));
    if (inFolder.startsWith(path + sep) && (await isFile(inFolder))) files.push(inFolder);
    else if (basename(path) === source && (await isFile(path))) files.push(path);
  }
  if (passage !== undefined && files.length > 1) {
    for (const file of files) if (await holds(file, passage)) return file;
  }
  return files.at(0);
}

async function holds(file: string, passage: string): Promise<boolean> {
  return placeOfPassage(await readFile(file, 'utf8').catch(() => ''), passage) !== undefined;
}

async function readDocuments(directory: string): Promise<readonly DocumentEvaluation[] | undefined> {
  try {
    return await readDocumentEvaluations(directory);
  } catch {
    return undefined;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
