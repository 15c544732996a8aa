/**
 * Divides documents into training, validation and held-out text. Near-copies are found first and stay together: a group
 * is divided as one document. Where a document or group goes follows from content alone (a threshold on a hash), so that
 * it stays where it is when other files come and go. Labels override: with held-out labels only labelled text is held
 * out, and its near-copies are taken out of training and validation. Exact copies are kept once, held out if any copy is.
 * At last what holds held-out or validation text in part is taken out (split-leaks.ts).
 */
import { InputError } from '../../common/errors.ts';
import { containmentThreshold } from '../similarity/commonness.ts';
import { groupNearCopies, type NearCopies } from '../similarity/near-duplicates.ts';
import type { CorpusSpecification } from '../sources/specification.ts';
import { type Columns, type DocumentTableBuilder, fates, hashBytes } from './document-table.ts';
import type { NearDuplicateReport, RemovalReason, Split } from './report.ts';

/** Standings as they are stored: a row with 0 has its file's. */
export const standingCodes = { file: 0, member: 1, 'held-out': 2 } as const;

export interface SplitShares {
  readonly validation: number;
  readonly heldout: number;
}

/** A row that was taken out, and the one whose text it repeats. */
export interface Removal {
  readonly row: number;
  readonly other: number;
  readonly reason: RemovalReason;
}

export interface SplitResult {
  readonly explicitHeldout: boolean;
  readonly movedToFillSplits: number;
  readonly nearDuplicates: Omit<NearDuplicateReport, 'removed'>;
  readonly removed: readonly Removal[];
}

/** Finds rows that hold held-out or validation text; `all` are the rows of all splits. */
export type FindLeaks = (rows: {
  readonly heldout: Uint32Array;
  readonly validation: Uint32Array;
  readonly all: Uint32Array;
}) => Promise<{
  readonly removed: readonly Removal[];
  /** Rows that stay although they hold a short part of such text. */
  readonly keptInPart: number;
  /** Held-out and validation documents that were not looked for inside others: there are too many. */
  readonly notLookedFor: number;
}>;

const fateCodes = { train: 0, validation: 1, heldout: 2 } as const;
const exactDuplicate = fates.indexOf('exact-duplicate');
const nearDuplicate = fates.indexOf('near-duplicate');
/** A group of more near-copies is training text: held out, it would be most of what is measured on. */
const largestDrawn = 16;

export interface SplitOptions {
  /** A standing code for each file. */
  readonly fileStandings: Uint8Array;
  readonly findLeaks: FindLeaks;
  readonly onProgress: (fraction: number) => void;
}

/** Writes the fate of every row. */
export async function splitDocuments(
  table: DocumentTableBuilder,
  { name, sources, split: shares }: Pick<CorpusSpecification, 'name' | 'sources' | 'split'>,
  { fileStandings, findLeaks, onProgress }: SplitOptions,
): Promise<SplitResult> {
  const { columns } = table;
  const corpus = `corpus ${name} (${sources.map(({ path }) => path).join(', ')})`;
  const unique = markExactDuplicates(table, fileStandings);
  const isHeldout = Uint8Array.from(unique, (row) => Number(columns.fate[row] === fateCodes.heldout));
  const explicitHeldout = isHeldout.includes(1);
  const wanted = wantedSplits(shares, explicitHeldout);
  const available = isHeldout.filter((held) => held === 0).length;
  if (available < wanted.length) throw tooFew(corpus, available, explicitHeldout);
  const drawn = (row: number): Split => splitAt(position(columns, row), shares, explicitHeldout);
  const across = new AcrossSplits();
  let pairs = 0;
  const link = (a: number, b: number): void => {
    pairs++;
    const splitOf = (place: number) => (isHeldout[place] === 1 ? 'heldout' : drawn(unique[place]));
    across.add(splitOf(a), splitOf(b));
  };
  const copies = await groupNearCopies(
    { sketches: table.sketches, rows: unique },
    isHeldout,
    link,
    onProgress,
  );
  const removed: Removal[] = [];
  const remove = (removals: readonly Removal[]): void => {
    for (const { row } of removals) columns.fate[row] = nearDuplicate;
    removed.push(...removals);
  };
  remove(twinsOf(copies, unique));
  const units = unitsOf(columns, unique, copies, isHeldout);
  for (const unit of units) setFate(columns, unit, unit.length > largestDrawn ? 'train' : drawn(unit[0]));
  let moved = fillSplits(columns, units, wanted, corpus);
  let keptInPart = 0;
  let notLookedFor = 0;
  for (let isDone = false; !isDone; ) {
    const rowsIn = (split: Split) => unique.filter((row) => columns.fate[row] === fateCodes[split]);
    const found = await findLeaks({
      heldout: rowsIn('heldout'),
      validation: rowsIn('validation'),
      all: unique.filter((row) => columns.fate[row] !== nearDuplicate),
    });
    remove(found.removed);
    keptInPart = found.keptInPart;
    notLookedFor = found.notLookedFor;
    const filled = fillSplits(columns, units, wanted, corpus);
    moved += filled;
    isDone = filled === 0;
  }
  const nearDuplicates = {
    threshold: containmentThreshold,
    pairs,
    clusters: copies.count,
    copies: copies.copies,
    acrossSplits: across.counts,
    keptInPart,
    notLookedFor,
  };
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

/** Pairs of near-copies that would lie in two splits if each document were drawn for itself. */
class AcrossSplits {
  readonly counts = { trainValidation: 0, trainHeldout: 0, validationHeldout: 0 };

  add(a: Split, b: Split): void {
    if (a === b) return;
    if (a !== 'train' && b !== 'train') this.counts.validationHeldout++;
    else if (a === 'heldout' || b === 'heldout') this.counts.trainHeldout++;
    else this.counts.trainValidation++;
  }
}

function twinsOf({ twins }: NearCopies, unique: Uint32Array): Removal[] {
  const found: Removal[] = [];
  for (const [place, twin] of twins.entries()) {
    if (twin >= 0) found.push({ row: unique[place], other: unique[twin], reason: 'copy of held-out' });
  }
  return found;
}

/**
 * What is drawn as one: the rows of each group that are left, in front the one that decides where all go. It is the one
 * with the smallest later half of its hash; the first half, by which it is drawn, has no part in that choice.
 */
function unitsOf(
  { fate, hash }: Columns,
  unique: Uint32Array,
  { groups }: NearCopies,
  isHeldout: Uint8Array,
): number[][] {
  const units = new Map<number, number[]>();
  const laterHalf = (row: number) => new DataView(hash.buffer, hash.byteOffset + row * hashBytes + 8, 8);
  const isSmaller = (a: number, b: number) => laterHalf(a).getBigUint64(0) < laterHalf(b).getBigUint64(0);
  for (const [place, row] of unique.entries()) {
    if (isHeldout[place] === 1 || fate[row] === nearDuplicate) continue;
    const root = groups.rootOf(place);
    const unit = units.get(root);
    if (unit === undefined) units.set(root, [row]);
    else if (isSmaller(row, unit[0])) unit.unshift(row);
    else unit.push(row);
  }
  return [...units.values()];
}

function setFate({ fate }: Columns, unit: readonly number[], split: Split): void {
  for (const row of unit) if (fate[row] !== nearDuplicate) fate[row] = fateCodes[split];
}

/** A number in [0, 1) that depends on the content only: the first 48 bits of its hash. */
function position(columns: Columns, row: number): number {
  let value = 0;
  for (let i = 0; i < 6; i++) value = value * 256 + columns.hash[row * hashBytes + i];
  return value / 2 ** 48;
}

/** Held-out documents come first on the hash's scale, then validation: so training text stays when labels come. */
function splitAt(at: number, shares: SplitShares, explicitHeldout: boolean): Split {
  if (at >= shares.heldout && at < shares.heldout + shares.validation) return 'validation';
  return at < shares.heldout && !explicitHeldout ? 'heldout' : 'train';
}

/** The splits that must hold a document; explicit held-out text is there already. */
function wantedSplits(shares: SplitShares, explicitHeldout: boolean): readonly Split[] {
  return [
    ...(shares.heldout > 0 && !explicitHeldout ? (['heldout'] as const) : []),
    ...(shares.validation > 0 ? (['validation'] as const) : []),
    'train',
  ];
}

/** Moves the unit of the smallest hash into each wanted split that is empty; returns how many documents were moved. */
function fillSplits(
  columns: Columns,
  units: readonly (readonly number[])[],
  wanted: readonly Split[],
  corpus: string,
): number {
  const { fate } = columns;
  const members = new Map<Split, (readonly number[])[]>(wanted.map((split) => [split, []]));
  for (const unit of units) {
    const first = unit.find((row) => fate[row] !== nearDuplicate);
    for (const split of wanted)
      if (first !== undefined && fate[first] === fateCodes[split]) members.get(split)?.push(unit);
  }
  let moved = 0;
  for (const split of wanted) {
    if (members.get(split)?.length !== 0) continue;
    const donors = [...members.values()].sort((a, b) => b.length - a.length)[0];
    if (donors.length < 2) throw nothingLeft(corpus, split);
    const unit = donors.reduce((best, one) =>
      position(columns, one[0]) < position(columns, best[0]) ? one : best,
    );
    donors.splice(donors.indexOf(unit), 1);
    members.get(split)?.push(unit);
    setFate(columns, unit, split);
    moved += unit.length;
  }
  return moved;
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
    `Nothing is left for the ${split} split of the ${corpus}: nearly all documents repeat one another or held-out text (half or more of their runs of five words are the same).`,
    'Add files with other text, or exclude what they have in common, such as a template, by a label on the passage.',
  );
}
