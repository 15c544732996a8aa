/**
 * The errors of a corpus without text, or with too little of it: told before anything is computed when no file was found,
 * else after reading, with what was left out and what would mend the most of it.
 */
import { InputError } from '../../common/errors.ts';
import type { SkippedKind } from '../documents/report.ts';
import { limits } from '../reading/cleaning.ts';
import { jsonlRecords } from '../reading/jsonl.ts';
import { parquetFields } from '../reading/parquet.ts';
import { type FieldKind, fieldsOf } from '../reading/record-fields.ts';
import type { FoundFile } from './found-file.ts';
import type { CorpusSpecification } from './specification.ts';

const addFiles =
  'Add text, Markdown, HTML, source code, JSONL or Parquet files, or check the include patterns, .gitignore and labels.';

export function noText(
  { name, sources }: CorpusSpecification,
  skips: readonly SkippedKind[],
  hint: string | undefined = undefined,
): InputError {
  const paths = sources.map(({ path }) => path).join(', ');
  return new InputError(
    `No text was found for corpus ${name} in ${paths}.${leftOutSentence(skips)}`,
    hint ?? addFiles,
  );
}

/** An error of too little text, with what was left out. */
export function withLeftOut(
  error: InputError,
  skips: readonly SkippedKind[],
  hint: string | undefined,
): InputError {
  const hints = hint === undefined ? error.hint : `${hint} ${error.hint}`;
  return new InputError(`${error.message}${leftOutSentence(skips)}`, hints, error);
}

const shownPlaces = 3;

/** `nothing but white space: 2 (a.md, b.jsonl:7)`; of an include pattern that matches nothing, the pattern. */
export function leftOutInWords({
  explanation,
  count,
  examples,
}: Pick<SkippedKind, 'explanation' | 'count' | 'examples'>): string {
  const places = examples
    .slice(0, shownPlaces)
    .map(({ path, line }) => (line === undefined ? path : `${path}:${line}`));
  if (count > places.length) places.push('…');
  return `${explanation}: ${count} (${places.join(', ')})`;
}

function leftOutSentence(skips: readonly SkippedKind[]): string {
  const kinds = skips.map(leftOutInWords);
  return kinds.length === 0 ? '' : ` Left out: ${kinds.join('; ')}.`;
}

const shownFields = 12;

/** Where no text stood in the field looked for: which field that was, and what the first record of such a file has. */
export async function textFieldHint(
  { sources }: CorpusSpecification,
  files: readonly FoundFile[],
  skips: readonly SkippedKind[],
): Promise<string | undefined> {
  const missing = skips.find(({ reason }) => reason === 'missing-field');
  const paths = new Set(missing?.examples.map(({ path }) => path));
  const file = files.find(({ path, format }) => paths.has(path) && /jsonl|parquet/.test(format));
  if (file === undefined) return undefined;
  const field = sources[file.source].textField ?? 'text';
  const fields = await fieldsOfFile(file).catch(() => []);
  const named = fields.slice(0, shownFields).map(({ name, kind }) => `${name} (${kind})`);
  const has = named.length === 0 ? 'no fields' : `the fields ${named.join(', ')}`;
  const more = fields.length > named.length ? ' and others' : '';
  const advice = fields.some(({ kind }) => kind === 'text')
    ? 'Set "textField" of this source in the experiment file to the field that holds the text.'
    : 'None of them holds text by itself: write the text into one field of each record, and set "textField" to it.';
  return `${file.path} was searched for the field “${field}”; its first record has ${has}${more}. ${advice}`;
}

async function fieldsOfFile(file: FoundFile): Promise<readonly FieldKind[]> {
  if (file.format === 'parquet') return parquetFields(file.absolute);
  for await (const item of jsonlRecords(file, limits)) if (!('kind' in item)) return fieldsOf(item.value);
  return [];
}
