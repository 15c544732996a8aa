/**
 * Divides documents into training, validation and held-out text. The split of a document follows from its
 * content alone (a threshold on its hash), so that it stays where it is when other files come and go. Labels
 * override: with held-out labels only labelled text is held out. Copies are kept once, held out if any
 * copy is; what nearly equals a held-out document is taken out of training and validation.
 */
import { InputError } from '../common/errors.ts';
import { type Columns, type DocumentTableBuilder, fates, hashBytes } from './document-table.ts';
import {
  Clusters,
  findSimilarPairs,
  findSimilarTo,
  SketchSet,
  similarityThreshold,
} from './near-duplicates.ts';
import type { NearDuplicateReport, Split } from './report.ts';
import type { CorpusSpecification } from './specification.ts';

/** Standings as they are stored: a row with 0 has its file's. */
export const standingCodes = { file: 0, member: 1, 'held-out': 2 } as const;

export interface SplitShares {
  readonly validation: number;
  readonly heldout: number;
}

export interface SplitResult {
  readonly explicitHeldout: boolean;
  readonly movedToFillSplits: number;
  readonly nearDuplicates: Omit<NearDuplicateReport, 'removed'>;
  /** Rows removed as near-duplicates and the held-out rows that they resemble. */
  readonly removed: readonly { readonly row: number; readonly heldout: number }[];
}

const fateCodes = { train: 0, validation: 1, heldout: 2 } as const;
const exactDuplicate = fates.indexOf('exact-duplicate');
const nearDuplicate = fates.indexOf('near-duplicate');

/** Writes the fate of every row. `fileStandings` holds a standing code for each file. */
export async function splitDocuments(
  table: DocumentTableBuilder,
  fileStandings: Uint8Array,
  { name, sources, split: shares }: Pick<CorpusSpecification, 'name' | 'sources' | 'split'>,
  onProgress: (fraction: number) => void,
): Promise<SplitResult> {
  const { columns } = table;
  const corpus = `corpus ${name} (${sources.map(({ path }) => path).join(', ')})`;
  const unique = markExactDuplicates(table, fileStandings);
  const explicitHeldout = unique.some((row) => columns.fate[row] === fateCodes.heldout);
  assignByHash(columns, unique, shares, explicitHeldout);
  const wanted = wantedSplits(shares, explicitHeldout);
  const available = unique.filter(
    (row) => !explicitHeldout || columns.fate[row] !== fateCodes.heldout,
  ).length;
  if (available < wanted.length) throw tooFew(corpus, available, explicitHeldout);
  let moved = fillSplits(columns, unique, wanted, corpus);
  const nearDuplicates = await countNearDuplicates(table, unique, (fraction) => onProgress(fraction / 2));
  const removed = await removeNearHeldout(table, unique, (fraction) => onProgress((1 + fraction) / 2));
  moved += fillSplits(columns, unique, wanted, corpus);
  return { explicitHeldout, movedToFillSplits: moved, nearDuplicates, removed };
}

/** Marks all but the first row of each content; returns those first rows, held out if any copy is. */
function markExactDuplicates(table: DocumentTableBuilder, fileStandings: Uint8Array): Uint32Array {
  const { columns, count } = table;
  const unique: number[] = [];
  columns.fate.fill(fateCodes.train);
  for (let row = 0; row < count; row++) {
    const first = table.firstOf(row);
    if (first === row) unique.push(row);
    else columns.fate[row] = exactDuplicate;
    const standing = columns.standing[row] || fileStandings[columns.file[row]];
    if (standing === standingCodes['held-out']) columns.fate[first] = fateCodes.heldout;
  }
  return Uint32Array.from(unique);
}

/** A number in [0, 1) that depends on the content only: the first 48 bits of its hash. */
function position(columns: Columns, row: number): number {
  let value = 0;
  for (let i = 0; i < 6; i++) value = value * 256 + columns.hash[row * hashBytes + i];
  return value / 2 ** 48;
}

/** Held-out documents come first on the hash's scale, then validation: so training text stays when labels come. */
function assignByHash(
  columns: Columns,
  unique: Uint32Array,
  shares: SplitShares,
  explicitHeldout: boolean,
): void {
  for (const row of unique) {
    if (columns.fate[row] === fateCodes.heldout) continue;
    const at = position(columns, row);
    if (at >= shares.heldout && at < shares.heldout + shares.validation)
      columns.fate[row] = fateCodes.validation;
    else if (at < shares.heldout && !explicitHeldout) columns.fate[row] = fateCodes.heldout;
  }
}

/** The splits that must hold a document; explicit held-out text is there already. */
function wantedSplits(shares: SplitShares, explicitHeldout: boolean): readonly Split[] {
  return [
    ...(shares.heldout > 0 && !explicitHeldout ? (['heldout'] as const) : []),
    ...(shares.validation > 0 ? (['validation'] as const) : []),
    'train',
  ];
}

/** Moves documents of the smallest hash into wanted splits that are empty; returns how many were moved. */
function fillSplits(columns: Columns, unique: Uint32Array, wanted: readonly Split[], corpus: string): number {
  const members = new Map<Split, number[]>(wanted.map((split) => [split, []]));
  for (const row of unique) {
    for (const split of wanted) if (columns.fate[row] === fateCodes[split]) members.get(split)?.push(row);
  }
  let moved = 0;
  for (const split of wanted) {
    if (members.get(split)?.length !== 0) continue;
    const donors = [...members.values()].sort((a, b) => b.length - a.length)[0];
    if (donors.length < 2) throw nothingLeft(corpus, split);
    const row = donors.reduce((best, one) => (position(columns, one) < position(columns, best) ? one : best));
    donors.splice(donors.indexOf(row), 1);
    members.get(split)?.push(row);
    columns.fate[row] = fateCodes[split];
    moved++;
  }
  return moved;
}

async function countNearDuplicates(
  table: DocumentTableBuilder,
  unique: Uint32Array,
  onBand: (fraction: number) => void,
): Promise<Omit<NearDuplicateReport, 'removed'>> {
  const { fate } = table.columns;
  const clusters = new Clusters(unique.length);
  /** Pairs by the two fates, three bits. */
  const across = new Float64Array(8);
  let pairs = 0;
  const found = (later: number, earlier: number): void => {
    pairs++;
    clusters.link(later, earlier);
    const [a, b] = [fate[unique[later]], fate[unique[earlier]]];
    if (a !== b) across[(1 << a) | (1 << b)]++;
  };
  await findSimilarPairs(new SketchSet(table.sketches, unique), found, onBand);
  const acrossSplits = {
    trainValidation: across[0b011],
    trainHeldout: across[0b101],
    validationHeldout: across[0b110],
  };
  return { threshold: similarityThreshold, pairs, clusters: clusters.count(), acrossSplits };
}

async function removeNearHeldout(
  table: DocumentTableBuilder,
  unique: Uint32Array,
  onBand: (fraction: number) => void,
): Promise<SplitResult['removed']> {
  const { fate } = table.columns;
  const heldout = unique.filter((row) => fate[row] === fateCodes.heldout);
  const others = unique.filter((row) => fate[row] !== fateCodes.heldout);
  const { sketches } = table;
  const matches = await findSimilarTo(
    new SketchSet(sketches, others),
    new SketchSet(sketches, heldout),
    onBand,
  );
  const removed: { row: number; heldout: number }[] = [];
  for (const [i, row] of others.entries()) {
    if (matches[i] < 0) continue;
    fate[row] = nearDuplicate;
    removed.push({ row, heldout: heldout[matches[i]] });
  }
  return removed;
}

function tooFew(corpus: string, documents: number, explicitHeldout: boolean): InputError {
  const found =
    documents === 0 ? 'no document' : documents === 1 ? 'only one document' : `only ${documents} documents`;
  return new InputError(
    `The ${corpus} has ${found} ${explicitHeldout ? 'beside the held-out text' : 'of its own'}: too few to divide into training, validation and held-out text.`,
    explicitHeldout
      ? 'Add files that are not held out; two at least are needed, one of them for validation.'
      : 'Add files (three at least), or label a passage as held-out: the text before and after it then counts as two documents.',
  );
}

function nothingLeft(corpus: string, split: Split): InputError {
  return new InputError(
    `Nothing is left for the ${split} split of the ${corpus}: nearly all documents repeat one another or held-out text.`,
    'Add files with other text, or label less text as held-out.',
  );
}
