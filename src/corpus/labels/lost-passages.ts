/** Labelled passages whose file is gone from the corpus: they cannot be placed. The rest is found while reading. */
import { isAbsolute, relative, sep } from 'node:path';
import type { LostPassage } from '../documents/report.ts';
import type { CorpusSpecification } from '../sources/specification.ts';
import type { LabelRules } from './label-rules.ts';

/** Those below any source of the corpus; `isThere` tells whether the corpus has a file. Paths are absolute. */
export function lostWithFiles(
  rules: LabelRules,
  { sources }: Pick<CorpusSpecification, 'sources'>,
  isThere: (path: string) => boolean,
): (LostPassage & { readonly absolute: string })[] {
  const lost: (LostPassage & { readonly absolute: string })[] = [];
  for (const path of rules.filesWithPassages()) {
    const isOurs = sources.some((source) => isWithin(source.path, path));
    if (!isOurs || isThere(path)) continue;
    for (const { anchor, label } of rules.passages(path)) {
      const quote = (anchor.quote ?? anchor.head ?? '').slice(0, 60);
      const reason = 'its file is not among the files of the corpus';
      lost.push({ path, absolute: path, label, quote, reason });
    }
  }
  return lost;
}

function isWithin(folder: string, path: string): boolean {
  const inner = relative(folder, path);
  return inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
}
