/** Held-out documents of an evaluation for the panel, and the file on disk behind one. */
import { stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import type { HeldOutDocument, ToPanel } from '../../../webview/messages.ts';
import type { CorpusSource } from '../../corpus/specification.ts';
import { type DocumentEvaluation, readDocumentEvaluations } from '../../methods/stages/evaluation-files.ts';

const MOST = 500;

/** The hardest first, by bits per byte: a tokenizer splits unlike texts into unlike numbers of tokens. */
export async function documentsMessage(
  directory: string,
  evaluation: string,
): Promise<Extract<ToPanel, { type: 'documents' }>> {
  const documents = await readDocuments(directory);
  if (documents === undefined) {
    const note =
      'This evaluation was made before losses were kept for each file, or was cleaned away; run it again.';
    return { type: 'documents', evaluation, documents: [], total: 0, note };
  }
  const note = 'Hardest first, by bits per byte, which does not depend on how a text is split into tokens.';
  return {
    type: 'documents',
    evaluation,
    documents: hardest(documents, MOST),
    total: documents.length,
    note,
  };
}

export function hardest(documents: readonly DocumentEvaluation[], most: number): HeldOutDocument[] {
  const bits = ({ negativeLogLikelihood, bytes }: DocumentEvaluation): number =>
    negativeLogLikelihood / Math.max(1, bytes);
  return documents
    .map((document, index) => ({ ...document, index }))
    .sort((a, b) => bits(b) - bits(a))
    .slice(0, most);
}

export async function documentAt(directory: string, index: number): Promise<DocumentEvaluation | undefined> {
  return (await readDocuments(directory))?.[index];
}

/** Only files inside of the domain's own sources; `undefined` when there is none any more. */
export async function fileOf(source: string, sources: readonly CorpusSource[]): Promise<string | undefined> {
  for (const { path } of sources) {
    const inFolder = resolve(join(path, source));
    if (inFolder.startsWith(path + sep) && (await isFile(inFolder))) return inFolder;
    if (basename(path) === source && (await isFile(path))) return path;
  }
  return undefined;
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
