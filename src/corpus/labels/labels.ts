/**
 * The labels file, `.parlance/labels.json`: which files and passages are in a domain, held out, generic or
 * excluded. It is meant to be committed, so its text is canonical: one entry a line, files and passages
 * sorted, so that two people's changes merge. Globs keep their order, because a later one wins.
 * The format is described in docs/formats/labels.md; media/schemas/labels.schema.json is generated from here.
 */
import { sep } from 'node:path';
import * as z from 'zod';
import { InputError, systemErrorCode } from '../../common/errors.ts';
import { writeUserFile } from '../../common/files.ts';
import { type JsonPath, lineAt, locateJson } from '../../common/json-locations.ts';
import { readUserText, withoutMark } from '../../common/user-text.ts';

export const labelNames = ['in-domain', 'held-out', 'generic', 'excluded'] as const;
export type Label = (typeof labelNames)[number];

const offset = z.int().min(0);
const context = z.string().max(200);

const passageSchema = z
  .strictObject({
    quote: z.string().min(1).optional().describe('The exact text of a short passage.'),
    head: z.string().min(1).max(200).optional().describe('The first characters of a long passage.'),
    length: z.int().min(1).optional().describe('UTF-16 code units of a long passage.'),
    sha256: z
      .string()
      .regex(/^[\da-f]{64}$/)
      .optional()
      .describe('SHA-256 of the UTF-8 text of a long passage.'),
    prefix: context.describe('Up to 200 characters before the passage.'),
    suffix: context.describe('Up to 200 characters after the passage.'),
    offset: offset.describe(
      'Where the passage began when it was labelled, in UTF-16 code units of the text with LF line ends.',
    ),
  })
  .refine(
    (passage) =>
      passage.quote === undefined
        ? passage.head !== undefined && passage.length !== undefined && passage.sha256 !== undefined
        : passage.head === undefined && passage.length === undefined && passage.sha256 === undefined,
    'needs either "quote", or "head", "length" and "sha256" together',
  );

/** An empty name, `.` or `..` between slashes or at an end: no path that is compared with it is written so. */
const notPlain = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** Where `\` parts folders it is refused; on POSIX it is a sign of a file's name. */
const relativePath = z
  .string()
  .min(1)
  .refine(
    (path) => !notPlain.test(path) && !(sep === '\\' && path.includes(sep)),
    'must be relative, with single forward slashes, without "." and ".." as names and without "/" at its end',
  );

/** Whether a pattern can match files: written as paths are, and neither a negation nor a comment of `.gitignore`. */
export function isLabelPattern(glob: string): boolean {
  return glob !== '' && !notPlain.test(glob.replace(/\/$/, '')) && !/^[!#]|\\/.test(glob);
}

const relativePattern = z
  .string()
  .min(1)
  .refine(
    isLabelPattern,
    'must be relative, with single forward slashes, without "." and ".." as names and without "!" or "#" at its beginning',
  );

const entrySchema = z
  .strictObject({
    glob: relativePattern
      .optional()
      .describe('Files by a pattern as in .gitignore, relative to the workspace; a later glob wins.'),
    path: relativePath.optional().describe('One file, relative to the workspace; wins over globs.'),
    label: z.enum(labelNames),
    domain: z
      .string()
      .min(1)
      .optional()
      .describe('The domain that the entry speaks of; all domains when absent.'),
    passage: passageSchema.optional().describe('A part of the file; wins over the label of the file.'),
  })
  .refine(
    (entry) => (entry.glob === undefined) !== (entry.path === undefined),
    'needs either "path" or "glob"',
  )
  .refine((entry) => entry.passage === undefined || entry.path !== undefined, 'a "passage" needs a "path"');

const labelsFileSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1),
  labels: z.array(entrySchema),
});

export type PassageAnchor = z.infer<typeof passageSchema>;
export type LabelEntry = z.infer<typeof entrySchema>;
type LabelsFile = z.infer<typeof labelsFileSchema>;

/** Whether a label keeps text out of training. */
export function protectsText({ label }: Pick<LabelEntry, 'label'>): boolean {
  return label === 'held-out' || label === 'excluded';
}

/** A labels file that cannot be used; it is never written to. */
export class LabelsFileError extends InputError {
  /** The line of the mistake, from 1. */
  readonly line: number;

  constructor(path: string, line: number, mistake: string, hint: string) {
    super(`${path}, line ${line}: ${mistake}`, hint);
    this.line = line;
  }
}

/** The JSON Schema that editors use for completion; media/schemas/labels.schema.json holds its text. */
export function labelsJsonSchema(): object {
  return { ...z.toJSONSchema(labelsFileSchema), title: 'Labels of a Parlance workspace' };
}

/** Reads a labels file; no file means no labels. Throws `InputError`; of a mistake in it, `LabelsFileError` with the line. */
export async function readLabels(path: string): Promise<readonly LabelEntry[]> {
  return (await readFile(path)).labels;
}

async function readFile(path: string): Promise<LabelsFile> {
  try {
    return parseFile(await readUserText(path), path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { version: 1, labels: [] };
    if (code === undefined) throw error;
    throw new InputError(
      `${path} could not be read (${code}).`,
      'Check that it is a file that you may read.',
      error,
    );
  }
}

/** The entries of a labels file's text; `path` is for messages. Throws `LabelsFileError`. */
export function parseLabels(text: string, path: string): readonly LabelEntry[] {
  return parseFile(text, path).labels;
}

function parseFile(text: string, path: string): LabelsFile {
  const plain = withoutMark(text);
  if (plain.trim() === '') {
    throw new LabelsFileError(
      path,
      1,
      'the file is empty.',
      'Delete it if there are to be no labels; otherwise take it back from version control or a backup.',
    );
  }
  const locations = locateJson(plain);
  if (locations.errorAt !== undefined) {
    throw new LabelsFileError(
      path,
      lineAt(plain, locations.errorAt),
      'this is not valid JSON.',
      'Mend the line by hand (a merge conflict often leaves one); nothing is written to the file until it can be read.',
    );
  }
  const parsed = labelsFileSchema.safeParse(JSON.parse(plain));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where: JsonPath = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  throw new LabelsFileError(
    path,
    locations.lineOf(where),
    `${where.join('.') || 'the file'}: ${issue.message}`,
    `Allowed labels are ${labelNames.join(', ')}; docs/formats/labels.md describes each field.`,
  );
}

/** The canonical text of a labels file: equal labels give equal text. `schema` is the address in its `$schema`. */
export function formatLabels(entries: readonly LabelEntry[], schema?: string): string {
  const globs = entries.filter((entry) => entry.glob !== undefined);
  const files = entries.filter((entry) => entry.glob === undefined).sort(byPlace);
  const lines = new Set([...globs, ...files].map(formatEntry));
  const body = lines.size === 0 ? '[]' : `[\n    ${[...lines].join(',\n    ')}\n  ]`;
  const start = schema === undefined ? '' : `  "$schema": ${JSON.stringify(schema)},\n`;
  return `{\n${start}  "version": 1,\n  "labels": ${body}\n}\n`;
}

/** Changes a labels file, whole or not at all. A file that cannot be read is an error and stays as it is. */
export async function updateLabels(
  path: string,
  change: (entries: readonly LabelEntry[]) => readonly LabelEntry[],
): Promise<void> {
  const { labels, $schema } = await readFile(path);
  const text = formatLabels(change(labels), $schema);
  parseLabels(text, path);
  await writeUserFile(path, text);
}

/** One entry as it stands in the file: equal entries give equal text. */
export function formatEntry(entry: LabelEntry): string {
  return JSON.stringify(inOrder(entry));
}

/** What an entry is about, whatever it says of it: equal for entries of the same pattern, file or passage. */
export function subjectOf({ glob, path, passage }: Pick<LabelEntry, 'glob' | 'path' | 'passage'>): string {
  return formatEntry({ glob, path, passage, label: 'excluded' });
}

function byPlace(a: LabelEntry, b: LabelEntry): number {
  return (
    compare(a.path ?? '', b.path ?? '') ||
    (a.passage?.offset ?? -1) - (b.passage?.offset ?? -1) ||
    compare(formatEntry(a), formatEntry(b))
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function inOrder({ glob, path, label, domain, passage }: LabelEntry): LabelEntry {
  return { glob, path, label, domain, passage: passage && anchorInOrder(passage) };
}

function anchorInOrder({
  offset,
  quote,
  head,
  length,
  sha256,
  prefix,
  suffix,
}: PassageAnchor): PassageAnchor {
  return { offset, quote, head, length, sha256, prefix, suffix };
}
