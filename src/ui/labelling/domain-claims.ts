/** Which domains of an experiment read what is to be labelled: where it is one alone, nobody has to be asked. Pure. */
import { join, relative, sep } from 'node:path';
import { slashed } from '../../common/slashes.ts';
import type { LabelTarget } from '../../corpus/labels/label-edits.ts';
import { SourcePatterns } from '../../corpus/sources/source-patterns.ts';
import type { CorpusSpecification } from '../../corpus/sources/specification.ts';

type Domain = Pick<CorpusSpecification, 'name' | 'sources'>;
type Source = Pick<CorpusSpecification['sources'][number], 'path' | 'include' | 'exclude'>;

/** Names of the domains with a source that holds one of the targets; of a pattern, that may hold what it matches. */
export function domainsClaiming(
  domains: readonly Domain[],
  root: string,
  targets: readonly LabelTarget[],
): readonly string[] {
  const claims = (source: Source): boolean =>
    targets.some((target) =>
      target.kind === 'glob'
        ? meets(source, join(root, fixedFolder(target.glob)))
        : holds(source, join(root, target.path)),
    );
  return domains.filter(({ sources }) => sources.some(claims)).map(({ name }) => name);
}

function holds(source: Source, file: string): boolean {
  if (file === source.path) return true;
  if (!file.startsWith(withSeparator(source.path))) return false;
  const path = slashed(relative(source.path, file));
  const patterns = new SourcePatterns(source);
  return !patterns.excludes(path) && (patterns.includes(path) ?? true);
}

function meets(source: Source, folder: string): boolean {
  if (withSeparator(source.path).startsWith(withSeparator(folder))) return true;
  if (!folder.startsWith(withSeparator(source.path))) return false;
  const path = slashed(relative(source.path, folder));
  const patterns = new SourcePatterns(source);
  return !patterns.excludes(`${path}/`) && patterns.mayHold(path);
}

/** The folder that all that a pattern matches lies in: the part before its first wildcard. */
function fixedFolder(glob: string): string {
  const segments = glob.split('/').filter((segment) => segment !== '');
  // A pattern of one name matches at any depth; the last segment is what lies in the folder.
  const fixed = segments.slice(0, -1);
  const wild = fixed.findIndex((segment) => /[*?[{\\]/.test(segment));
  return (wild < 0 ? fixed : fixed.slice(0, wild)).join('/');
}

function withSeparator(path: string): string {
  return path.endsWith(sep) ? path : path + sep;
}
