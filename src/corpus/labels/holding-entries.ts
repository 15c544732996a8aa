/**
 * Which entry holds for a file as a whole, for a run and for the editor alike. The more specific one: the file's own over
 * patterns, of patterns the last. Of several entries of one file, or of one and the same pattern, the one that names the
 * domain holds over the one for all domains, and that over another domain's; of equals, which a merge may leave, the one
 * that keeps more text out of training. So a file or folder may be labelled for each of several domains.
 */
import { pathMatcher } from '../sources/globs.ts';
import type { CorpusSpecification } from '../sources/specification.ts';
import type { Label, LabelEntry } from './labels.ts';

/** What a label means for one corpus. */
export type Standing = 'member' | 'held-out' | 'out';

export type Role = CorpusSpecification['role'];

/** A corpus that labels are read for; without a name a domain that no entry names. */
export interface LabelledCorpus {
  readonly name?: string;
  readonly role: Role;
}

/** What keeps least text out of training comes first. */
const byProtection: Readonly<Record<Role, readonly Label[]>> = {
  domain: ['in-domain', 'held-out', 'generic', 'excluded'],
  generic: ['generic', 'in-domain', 'held-out', 'excluded'],
};

export class HoldingEntries {
  readonly #files = new Map<string, LabelEntry[]>();
  /** The last first. */
  readonly #globs: { readonly entry: LabelEntry; readonly matches: (path: string) => boolean }[] = [];
  readonly #patterns = new Map<string, LabelEntry[]>();
  readonly #corpora: readonly LabelledCorpus[];

  /** Entries of passages are passed over. */
  constructor(entries: readonly LabelEntry[]) {
    for (const entry of entries) {
      const { glob, path, passage } = entry;
      if (glob !== undefined) {
        this.#globs.unshift({ entry, matches: pathMatcher([glob]) });
        addTo(this.#patterns, glob, entry);
      } else if (path !== undefined && passage === undefined) addTo(this.#files, path, entry);
    }
    const names = new Set(entries.flatMap(({ domain }) => domain ?? []));
    this.#corpora = [...names, undefined].map((name) => ({ name, role: 'domain' }));
  }

  /** The entry that holds for a file in one corpus. */
  of(path: string, corpus: LabelledCorpus): LabelEntry | undefined {
    const own = preferred(this.#files.get(path) ?? [], corpus);
    if (own !== undefined) return own;
    return this.#globs.find(
      ({ entry, matches }) =>
        speaksTo(entry, corpus) &&
        matches(path) &&
        preferred(this.#patterns.get(entry.glob ?? '') ?? [], corpus) === entry,
    )?.entry;
  }

  /** For each domain that an entry names, and for one that none does, what holds for a file. */
  ofDomains(path: string): readonly { readonly corpus: LabelledCorpus; readonly entry: LabelEntry }[] {
    return this.#corpora.flatMap((corpus) => {
      const entry = this.of(path, corpus);
      return entry === undefined ? [] : [{ corpus, entry }];
    });
  }
}

/** An entry of another domain matters to a corpus only when it takes text into that domain. */
function speaksTo(entry: LabelEntry, corpus: LabelledCorpus): boolean {
  return isOwn(entry, corpus) || entry.label === 'in-domain' || entry.label === 'held-out';
}

export function standingOf(entry: LabelEntry, corpus: LabelledCorpus): Standing {
  if (corpus.role === 'generic') return entry.label === 'generic' ? 'member' : 'out';
  return isOwn(entry, corpus) ? sourceStanding(entry.label, 'domain') : 'out';
}

/** What the label of a source in the experiment file means. */
export function sourceStanding(label: Label, role: Role): Standing {
  if (label === 'held-out') return 'held-out';
  return label === (role === 'domain' ? 'in-domain' : 'generic') ? 'member' : 'out';
}

/** Of entries that are about the same the one that holds; `undefined` when none speaks to the corpus. */
export function preferred(entries: readonly LabelEntry[], corpus: LabelledCorpus): LabelEntry | undefined {
  const rank = (entry: LabelEntry) =>
    closeness(entry, corpus) * 10 + byProtection[corpus.role].indexOf(entry.label);
  return entries
    .filter((entry) => speaksTo(entry, corpus))
    .reduce<LabelEntry | undefined>(
      (best, entry) => (best === undefined || rank(entry) >= rank(best) ? entry : best),
      undefined,
    );
}

/** Generic text is read for all domains: there no entry is closer than another. */
function closeness({ domain }: LabelEntry, { name, role }: LabelledCorpus): number {
  if (role === 'generic') return 0;
  if (domain === undefined) return 1;
  return domain === name ? 2 : 0;
}

function isOwn({ domain }: LabelEntry, { name }: LabelledCorpus): boolean {
  return domain === undefined || domain === name;
}

export function addTo(map: Map<string, LabelEntry[]>, key: string, entry: LabelEntry): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [entry]);
  else list.push(entry);
}
