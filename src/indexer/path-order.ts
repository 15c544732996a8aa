/** All files of an experiment, each once, in the order of their paths, and which of them nobody labelled. */
import { relative, sep } from 'node:path';
import type { CorpusTable } from '../corpus/watching/corpus-table.ts';
import type { TableFile } from '../corpus/watching/table-file.ts';

/** The corpora of an experiment in the folder of its file. */
interface FollowedCorpora {
  readonly root: string;
  readonly followers: readonly { readonly table: CorpusTable }[];
}

interface Paths {
  readonly all: readonly string[];
  /**
   * Those in the folder of the experiment that no entry of the labels file speaks of; labels reach no others. What only
   * the generic corpus reads is no work to do: it is generic as it stands.
   */
  readonly unlabelled: readonly string[];
  /** Those of them that the editor shows as text. */
  readonly toOpen: readonly string[];
}

/** The editor opens no larger text. */
const MOST_BYTES = 50 * 1024 * 1024;

export class PathOrder {
  readonly #index: FollowedCorpora;
  #paths: Paths = { all: [], unlabelled: [], toOpen: [] };
  #state = '';

  constructor(index: FollowedCorpora) {
    this.#index = index;
  }

  /** Sorted again only after a change. */
  now(): Paths {
    const { followers, root } = this.#index;
    const state = followers.map(({ table }) => `${table.specification.name} ${table.version}`).join('\n');
    if (state === this.#state) return this.#paths;
    this.#state = state;
    const labelled = new Map<string, boolean>();
    const inDomains = new Set<string>();
    const opened = new Set<string>();
    for (const { table } of followers) {
      for (const one of table.ordered()) {
        const { absolute } = one.file.found;
        labelled.set(absolute, one.labelled || labelled.get(absolute) === true);
        if (table.specification.role === 'domain') inDomains.add(absolute);
        if (opensAsText(one)) opened.add(absolute);
      }
    }
    const all = [...labelled.keys()].sort();
    const isUnlabelled = (path: string): boolean => inDomains.has(path) && !labelled.get(path);
    const unlabelled = all.filter((path) => isUnlabelled(path) && isInside(root, path));
    this.#paths = { all, unlabelled, toOpen: unlabelled.filter((path) => opened.has(path)) };
    return this.#paths;
  }

  /** The first unlabelled file that can be opened behind a path, from the beginning again after the last one. */
  nextUnlabelled(after: string | undefined): string | undefined {
    const { toOpen } = this.now();
    if (after === undefined) return toOpen[0];
    return toOpen.find((path) => path > after) ?? toOpen[0];
  }
}

function opensAsText({ file: { found }, contents }: TableFile): boolean {
  const isPacked = found.format === 'parquet' || found.format === 'jsonl.gz';
  const isBinary = contents?.rows.length === 0 && contents.skipped.some(({ reason }) => reason === 'binary');
  return !isPacked && !isBinary && found.size <= MOST_BYTES;
}

function isInside(root: string, path: string): boolean {
  const inner = relative(root, path);
  return inner !== '..' && !inner.startsWith(`..${sep}`) && inner !== path;
}
