/** The error of a corpus without text: told before anything is computed when no file was found, else after reading. */
import { InputError } from '../common/errors.ts';
import type { SkipTally } from './report.ts';
import type { CorpusSpecification } from './specification.ts';

export function noText({ name, sources }: CorpusSpecification, skips: SkipTally): InputError {
  const skipped = skips.list().map(({ count, explanation }) => `${count}: ${explanation}`);
  const paths = sources.map(({ path }) => path).join(', ');
  return new InputError(
    `No text was found for corpus ${name} in ${paths}.${skipped.length === 0 ? '' : ` Skipped: ${skipped.join('; ')}.`}`,
    'Add text, Markdown, HTML, source code, JSONL or Parquet files, or check the include patterns, .gitignore and labels.',
  );
}
