/**
 * Labels that name nothing any more: a file that was renamed, moved or is spelled otherwise on this disk, a pattern whose
 * folder is gone, a domain that has another name now; or that name a file which is read under another name. Where such a label kept text out of training, the text would slip in.
 *
 * A pattern may be written before there is anything to match, so only one whose folder is gone counts, or one that was to
 * hold text out: without it other text would be measured on.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathMatcher } from '../sources/globs.ts';
import type { LabelEntry } from './labels.ts';
import { findLinkedLabels, type NamedFile, pathBelow } from './linked-labels.ts';

export interface LostLabel {
  readonly entry: LabelEntry;
  /** What is missing: a file, the folder that a pattern begins with, any file for a pattern, or a domain. */
  readonly kind: 'file' | 'folder' | 'pattern' | 'domain';
  /** The name of what is missing. */
  readonly name: string;
  /** For people, for example `there is no such file`. */
  readonly reason: string;
  /** What it may name now: paths as labels give them, or names of domains. The likeliest first; none when nothing is like it. */
  readonly likely: readonly string[];
}

export interface LabelScope {
  /** The folder that labels are relative to. */
  readonly root: string;
  /** All files of the corpora, whatever their labels. */
  readonly files: readonly NamedFile[];
  /** Names of the experiment's domains, and of those that other experiments beside it have. */
  readonly domains: readonly string[];
  readonly otherDomains: ReadonlySet<string>;
}

const excerptLength = 60;

export async function findLostLabels(
  entries: readonly LabelEntry[],
  scope: LabelScope,
): Promise<readonly LostLabel[]> {
  const names = new ExactNames(scope.root);
  const keys = scope.files.flatMap(({ absolute }) => pathBelow(scope.root, absolute) ?? []);
  const known = new Set(keys);
  const lost: LostLabel[] = [];
  for (const entry of entries) {
    const { path, glob, domain } = entry;
    if (domain !== undefined && !scope.domains.includes(domain) && !scope.otherDomains.has(domain)) {
      const likely = likelyDomains(domain, entries, scope);
      lost.push({ entry, kind: 'domain', name: domain, reason: 'there is no such domain', likely });
    } else if (path !== undefined && !known.has(path) && !(await names.has(path))) {
      const likely = likelyPaths(path, keys);
      lost.push({ entry, kind: 'file', name: path, reason: 'there is no such file', likely });
    } else if (path !== undefined && !known.has(path) && (await isFolder(join(scope.root, path)))) {
      const reason = `it is a folder, whose files need the pattern ${path}/**`;
      lost.push({ entry, kind: 'file', name: path, reason, likely: [] });
    } else if (glob !== undefined && !keys.some(pathMatcher([glob]))) {
      const folder = literalFolder(glob);
      const likely = folder === undefined ? [] : likelyFolders(folder, keys);
      if (folder !== undefined && !(await names.has(folder))) {
        lost.push({ entry, kind: 'folder', name: folder, reason: `there is no ${folder}`, likely });
      } else if (entry.label === 'held-out') {
        const reason = 'no file of the corpora matches it';
        lost.push({ entry, kind: 'pattern', name: glob, reason, likely });
      }
    }
  }
  const told = new Set(lost.map(({ entry }) => entry));
  for (const { entry, file, readAs } of await findLinkedLabels(entries, scope.root, scope.files)) {
    const reason = `${file} is read as ${readAs}, through a link, and has no such label there`;
    const name = entry.path ?? entry.glob ?? '';
    if (!told.has(entry)) lost.push({ entry, kind: 'pattern', name, reason, likely: [] });
  }
  return lost;
}

/** `held-out docs/exam.md: there is no such file; perhaps it is docs/Exam.md now` */
export function lostLabelInWords({ entry, reason, likely }: LostLabel): string {
  const { path, glob, domain, passage, label } = entry;
  const quote = excerpt(passage?.quote ?? passage?.head ?? '');
  const what = [
    label,
    path ?? glob,
    ...(quote === '' ? [] : [`(“${quote}”)`]),
    ...(domain ? [`of ${domain}`] : []),
  ];
  const now = likely.length === 0 ? '' : `; perhaps it is ${likely.join(' or ')} now`;
  return `${what.join(' ')}: ${reason}${now}`;
}

/** The beginning of a passage, on one line. */
export function excerpt(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, excerptLength);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** Asks the disk by the very spelling: some disks open a file by other case or by other Unicode forms of its name. */
class ExactNames {
  readonly #root: string;
  readonly #folders = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(root: string) {
    this.#root = root;
  }

  async has(path: string): Promise<boolean> {
    let folder = this.#root;
    for (const name of path.split('/')) {
      if (!(await this.#namesIn(folder)).has(name)) return false;
      folder = join(folder, name);
    }
    return true;
  }

  #namesIn(folder: string): Promise<ReadonlySet<string>> {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const read = readdir(folder).then(
      (names) => new Set(names),
      () => new Set<string>(),
    );
    this.#folders.set(folder, read);
    return read;
  }
}

/** The folders or the file that a pattern begins with; `undefined` when it may match anywhere. */
function literalFolder(glob: string): string | undefined {
  const parts = glob.replace(/\/$/, '').replace(/^\//, '').split('/');
  const isAnchored = glob.startsWith('/') || parts.length > 1;
  const first = parts.findIndex((part) => /[*?[\]{}\\]/.test(part));
  const literal = (first < 0 ? parts : parts.slice(0, first)).join('/');
  return isAnchored && literal !== '' ? literal : undefined;
}

/** So many likely names are told. */
export const shown = 3;

/** The same name in another spelling, else a file of the same name elsewhere. */
function likelyPaths(path: string, keys: readonly string[]): readonly string[] {
  const alike = keys.filter((key) => folded(key) === folded(path));
  if (alike.length > 0) return alike.slice(0, shown);
  const name = folded(lastName(path));
  return keys.filter((key) => folded(lastName(key)) === name).slice(0, shown);
}

function likelyFolders(folder: string, keys: readonly string[]): readonly string[] {
  const parts = folder.split('/').length;
  const beginnings = new Set(keys.map((key) => key.split('/').slice(0, parts).join('/')));
  const name = folded(lastName(folder));
  const elsewhere = keys.flatMap((key) => {
    const names = key.split('/');
    const at = names.slice(0, -1).findIndex((one) => folded(one) === name);
    return at < 0 ? [] : [names.slice(0, at + 1).join('/')];
  });
  const alike = [...beginnings].filter((one) => folded(one) === folded(folder));
  return [...new Set([...alike, ...elsewhere])].slice(0, shown);
}

function likelyDomains(
  domain: string,
  entries: readonly LabelEntry[],
  { domains }: LabelScope,
): readonly string[] {
  const alike = domains.filter((name) => folded(name) === folded(domain));
  if (alike.length > 0) return alike;
  const named = new Set(entries.map((entry) => entry.domain));
  return domains.filter((name) => !named.has(name)).slice(0, shown);
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const folded = (text: string): string => text.normalize('NFC').toLowerCase();
