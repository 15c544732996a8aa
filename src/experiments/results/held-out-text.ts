/**
 * On which text an evaluation measured, and by which tokenizer: what decides whether two perplexities can be compared.
 * Read from what the evaluation and its inputs left in the store, as far as it is still there.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptionError, systemErrorCode } from '../../common/errors.ts';
import { DocumentStore } from '../../corpus/documents/document-store.ts';
import { TOKENIZER_FILE } from '../../formats/model-folder.ts';
import { type DocumentEvaluation, readDocumentEvaluations } from '../../methods/stages/evaluation-files.ts';
import { readManifest } from '../../pipeline/manifest.ts';

export interface HeldOutText {
  readonly documents: number;
  readonly bytes: number;
  /** Of the documents' names and sizes. */
  readonly names: string;
  /** Of their contents; absent when the corpus was cleaned away. */
  readonly contents?: string;
  /** Of the tokenizer's content, which another corpus may leave the same; absent when it was cleaned away. */
  readonly tokenizer?: string;
  /** The engine that evaluated. */
  readonly engine?: string;
}

/** `undefined` when the evaluation was cleaned away or is damaged. */
export async function heldOutText(storage: string, evaluation: string): Promise<HeldOutText | undefined> {
  const folder = (fingerprint: string): string => join(storage, 'artifacts', fingerprint);
  const documents = await ifThere(() => readDocumentEvaluations(folder(evaluation)));
  const manifest = await manifestOf(folder(evaluation), evaluation);
  if (documents === undefined || manifest === undefined) return undefined;
  const { corpus = '', tokens = '' } = manifest.inputs;
  const contents = await ifThere(async () => contentsOf(await DocumentStore.open(folder(corpus)), documents));
  const trained = (await manifestOf(folder(tokens), tokens))?.inputs.tokenizer;
  const tokenizer =
    trained &&
    (await ifThere(async () => digest([await readFile(join(folder(trained), TOKENIZER_FILE), 'utf8')])));
  const engine = engineOf(manifest.parameters);
  return {
    documents: documents.length,
    bytes: documents.reduce((sum, { bytes }) => sum + bytes, 0),
    names: digest(documents.map(({ source, record, bytes }) => JSON.stringify([source, record, bytes]))),
    ...(contents !== undefined && { contents }),
    ...(tokenizer !== undefined && { tokenizer }),
    ...(engine !== undefined && { engine }),
  };
}

/** Whether both are of one text; by names and sizes where the contents of one are not known. */
export function isSameText(a: HeldOutText, b: HeldOutText): boolean {
  if (a.contents !== undefined && b.contents !== undefined) return a.contents === b.contents;
  return a.names === b.names;
}

function contentsOf(
  store: DocumentStore,
  evaluated: readonly Pick<DocumentEvaluation, 'source' | 'record'>[],
): string {
  const ids = new Map<string, string>();
  for (let index = 0; index < store.count; index++) {
    const { source, record, split, id } = store.record(index);
    if (split === 'heldout') ids.set(`${record} ${source}`, id);
  }
  return digest(evaluated.map(({ source, record }) => ids.get(`${record} ${source}`) ?? ''));
}

function digest(lines: readonly string[]): string {
  return createHash('sha256')
    .update([...lines].sort().join('\n'))
    .digest('hex');
}

function engineOf(parameters: unknown): string | undefined {
  if (typeof parameters !== 'object' || parameters === null || !('engine' in parameters)) return undefined;
  return typeof parameters.engine === 'string' ? parameters.engine : undefined;
}

const manifestOf = (folder: string, fingerprint: string) =>
  ifThere(async () => readManifest(folder, fingerprint));

async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CorruptionError) return undefined;
    if (systemErrorCode(error) !== undefined) return undefined;
    throw error;
  }
}
