/** All files of an experiment, each once, in the order of their paths, and which of them nobody labelled. */
import { relative, sep } from 'node:path';
import type { CorpusFollower } from '../corpus/watching/corpus-follower.ts';

/** The corpora of an experiment in the folder of its file. */
interface FollowedCorpora {
  readonly root: string;
  readonly followers: readonly CorpusFollower[];
}

interface Paths {
  readonly all: readonly string[];
  /**
   * Those in the folder of the experiment that no entry of the labels file speaks of; labels reach no others. What only
   * the generic corpus reads is no work to do: it is generic as it stands.
   */
  readonly unlabelled: readonly string[];
}

export class PathOrder {
  readonly #index: FollowedCorpora;
  #paths: Paths = { all: [], unlabelled: [] };
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
    for (const { table } of followers) {
      for (const one of table.ordered()) {
        const { absolute } = one.file.found;
        labelled.set(absolute, one.labelled || labelled.get(absolute) === true);
        if (table.specification.role === 'domain') inDomains.add(absolute);
      }
    }
    const all = [...labelled.keys()].sort();
    const isUnlabelled = (path: string): boolean => inDomains.has(path) && !labelled.get(path);
    this.#paths = { all, unlabelled: all.filter((path) => isUnlabelled(path) && isInside(root, path)) };
    return this.#paths;
  }

  /** The first unlabelled file behind a path, from the beginning again after the last one. */
  nextUnlabelled(after: string | undefined): string | undefined {
    const { unlabelled } = this.now();
    if (after === undefined) return unlabelled[0];
    return unlabelled.find((path) => path > after) ?? unlabelled[0];
  }
}

function isInside(root: string, path: string): boolean {
  const inner = relative(root, path);
  return inner !== '..' && !inner.startsWith(`..${sep}`) && inner !== path;
}
