/** Helpers for tests that index real files in a temporary folder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { DocumentStore, DocumentText } from '../../../src/corpus/documents/document-store.ts';
import { type IndexOptions, indexCorpus } from '../../../src/corpus/documents/indexing.ts';
import type { CorpusSpecification } from '../../../src/corpus/sources/specification.ts';

/** A folder with the given files, removed after the test. */
export async function makeFolder(
  test: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-corpus-'));
  test.after(() => rm(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** Indexes a folder as a domain with a tenth each for validation and held-out text. */
export async function indexFolder(
  test: TestContext,
  folder: string,
  change: Partial<CorpusSpecification> = {},
  options: Partial<IndexOptions> = {},
): Promise<DocumentStore> {
  const directory = options.directory ?? (await makeFolder(test, {}));
  const split = { validation: 0.1, heldout: 0.1 };
  const specification = {
    name: 'demo',
    role: 'domain' as const,
    sources: [{ path: folder }],
    split,
    ...change,
  };
  return indexCorpus(specification, { signal: new AbortController().signal, ...options, directory });
}

export async function allTexts(store: DocumentStore): Promise<readonly DocumentText[]> {
  const texts: DocumentText[] = [];
  for await (const batch of store.texts()) texts.push(...batch);
  return texts;
}

/** The labels file text for some entries. */
export function labelsText(labels: readonly object[]): string {
  return JSON.stringify({ version: 1, labels });
}

/** A text of made-up words that differs with the seed. */
export function sentences(seed: number, words: number): string {
  let state = seed * 2654435761 + 12345;
  const list: string[] = [];
  for (let i = 0; i < words; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    list.push(`w${(state >>> 8) % 5000}`);
  }
  return list.join(' ');
}
