/**
 * Counts tokens with the experiment's tokenizer, once a run has made it; before that there is nothing to count with.
 * Counts are remembered by content. What a run has tokenized is looked up in its token store, the rest is encoded here,
 * a little at a time.
 */
import { join } from 'node:path';
import { ParlanceError } from '../common/errors.ts';
import { limits } from '../corpus/reading/cleaning.ts';
import { extractFile } from '../corpus/reading/extraction.ts';
import { TokenIndex } from '../corpus/tokens/token-index.ts';
import { TokenStore } from '../corpus/tokens/token-store.ts';
import { contentHash } from '../corpus/watching/contents.ts';
import type { CorpusTable } from '../corpus/watching/corpus-table.ts';
import type { TableFile } from '../corpus/watching/table-file.ts';
import type { TextTable } from '../corpus/watching/texts.ts';
import { TOKENIZER_FILE } from '../formats/model-folder.ts';
import { ArtifactLabels } from '../pipeline/artifact-labels.ts';
import { ArtifactStore } from '../pipeline/store.ts';
import { Tokenizer } from '../tokenizer/tokenizer.ts';

export class TokenCounter {
  readonly #texts: TextTable;
  readonly #artifacts: ArtifactLabels;
  #directory: string | undefined;
  #tokenizer: Tokenizer | undefined;
  /** By the folders of their artifacts. */
  #stores: ReadonlyMap<string, TokenStore> = new Map();

  constructor(texts: TextTable, storage: string) {
    this.#texts = texts;
    this.#artifacts = new ArtifactLabels(new ArtifactStore(storage));
  }

  /** Looks for the newest tokenizer of a vocabulary, and for what it has tokenized. */
  async look(vocabulary: number, corpora: readonly string[]): Promise<void> {
    const directory = await this.#artifacts.latest('tokenizer', `tokenizer of ${vocabulary} tokens`);
    if (directory !== this.#directory) {
      this.#texts.forgetTokens();
      this.#directory = directory;
      this.#tokenizer =
        directory === undefined ? undefined : await loadOrNone(join(directory, TOKENIZER_FILE));
    }
    const stores = new Map<string, TokenStore>();
    for (const corpus of corpora) {
      const tokens = await this.#artifacts.latest('tokens', `tokens of ${corpus}`);
      if (tokens === undefined) continue;
      const opened = this.#stores.get(tokens) ?? (await TokenStore.open(tokens).catch(() => undefined));
      if (opened === undefined) continue;
      if (directory?.endsWith(opened.manifest.tokenizer)) stores.set(tokens, opened);
      else if (!this.#stores.has(tokens)) opened.close();
    }
    for (const [tokens, one] of this.#stores) if (!stores.has(tokens)) one.close();
    this.#stores = stores;
  }

  /** Counts what is not counted yet; `mayGoOn` is asked between files. Tells whether everything is counted. */
  async count(tables: readonly CorpusTable[], mayGoOn: () => boolean): Promise<boolean> {
    const tokenizer = this.#tokenizer;
    if (tokenizer === undefined) return true;
    for (const table of tables) {
      for (const file of table.ordered()) {
        const rows = rowsOf(file).filter((row) => this.#texts.tokensOf(row) === undefined);
        if (rows.length === 0) continue;
        if (!mayGoOn()) return false;
        if (!this.#lookUp(rows)) await this.#encode(table, file, tokenizer);
      }
    }
    return true;
  }

  close(): void {
    for (const one of this.#stores.values()) one.close();
    this.#stores = new Map();
  }

  /** Whether all rows are in what a run has tokenized. */
  #lookUp(rows: readonly number[]): boolean {
    let found = 0;
    const probe = TokenIndex.empty(1);
    for (const row of rows) {
      const hash = Buffer.from(this.#texts.hashOf(row), 'latin1').toString('hex');
      probe.describe(0, hash, this.#texts.bytesOf(row), 'train');
      for (const { index } of this.#stores.values()) {
        const same = index.findSameContent(probe, 0);
        if (same === undefined) continue;
        this.#texts.setTokens(row, index.lengths[same]);
        found++;
        break;
      }
    }
    return found === rows.length;
  }

  async #encode(table: CorpusTable, { file }: TableFile, tokenizer: Tokenizer): Promise<void> {
    const { found, passages, standing } = file;
    const textField = table.specification.sources[found.source].textField ?? 'text';
    for await (const item of extractFile(found, { textField, passages, standing, limits })) {
      if (item.kind !== 'document' && item.kind !== 'left-out') continue;
      const row = this.#texts.rowOf(contentHash(item.bytes));
      if (row === undefined || this.#texts.tokensOf(row) !== undefined) continue;
      this.#texts.setTokens(row, tokenizer.encode(item.bytes.toString()).length + 1);
    }
  }
}

function rowsOf({ contents }: TableFile): readonly number[] {
  return contents === undefined ? [] : [...contents.rows, ...contents.leftOut.map(({ row }) => row)];
}

/** A damaged tokenizer counts as none: a run tells what is wrong with it. */
async function loadOrNone(path: string): Promise<Tokenizer | undefined> {
  return Tokenizer.load(path).catch((error: unknown) => {
    if (error instanceof ParlanceError) return undefined;
    throw error;
  });
}
