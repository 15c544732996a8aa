/**
 * From what a workspace has to an experiment that fits it: which text could be domain and generic, which in-domain sizes
 * the text allows. memory-fit.ts says which preset the machine allows, proposed-file.ts writes what was chosen.
 * Pure: the editor's wizard asks, this answers. Sizes in tokens are estimated from bytes and say so.
 */

import type { InDomainSize } from '../../budget/in-domain-size.ts';
import { formatCompact } from '../../common/format.ts';
import type { ModelName } from '../../methods/experiment-plan.ts';
import { needsGeneric } from '../../methods/method.ts';
import { methods as allMethods } from '../../methods/registry.ts';
import { type PresetName, presets } from '../config/presets.ts';
import { estimatedBytesPerToken } from './token-estimate.ts';
import { sourcesOf, type TextPlace, type WorkspaceFacts } from './workspace-facts.ts';

export interface DomainChoice {
  readonly name: string;
  readonly place: TextPlace;
}

/** What the wizard has asked. Paths are relative to the experiment file, or absolute. */
export interface Choices {
  readonly name: string;
  readonly domains: readonly DomainChoice[];
  /** Absent where there is only in-domain text. */
  readonly generic?: TextPlace;
  /** Folders of models that are begun with; those that are not named are trained from scratch. */
  readonly from?: Readonly<Partial<Record<ModelName, string>>>;
  readonly preset: PresetName;
  readonly methods: readonly string[];
  readonly pretrainingTokens: readonly number[];
  /** The smaller sizes, rising, and `all`. */
  readonly domainTokens: readonly InDomainSize[];
  readonly seeds: readonly number[];
}

/** Share of a domain's text that is trained on: the rest is set aside for validation and held out. */
const TRAINING_SHARE = 0.8;
const GENERIC_NAME =
  /(?:^|\/)(?:generic|general|background|pretrain(?:ing)?|wiki(?:pedia)?|web|common|books)$/i;
/** A folder `common` with a file or two of source code is no corpus. */
const GENERIC_BYTES = 20_000;

/** Where there is only in-domain text, what needs no other; with models to begin with that is more. */
export function possibleMethods({
  generic,
  from = {},
}: Pick<Choices, 'generic' | 'from'>): readonly string[] {
  const possible = allMethods.filter((method) => generic !== undefined || !needsGeneric(method, { from }));
  return possible.map(({ id }) => id);
}

export function estimatedTokens(bytes: number, preset: PresetName): number {
  return Math.round(bytes / estimatedBytesPerToken(presets[preset].vocabulary));
}

/** Folders that are called like a generic corpus, and have as much text. */
export function namedGeneric({ places }: WorkspaceFacts): readonly TextPlace[] {
  return places.filter(
    ({ path, include, bytes }) =>
      path !== '.' && include === undefined && bytes >= GENERIC_BYTES && GENERIC_NAME.test(path),
  );
}

/** The place that is likely the generic corpus: by its name, else one much larger than all other text at its level. */
export function likelyGeneric(facts: WorkspaceFacts): TextPlace | undefined {
  const [named] = namedGeneric(facts);
  if (named !== undefined) return named;
  const folders = facts.places.filter(({ path, include }) => path !== '.' && include === undefined);
  const [largest, second] = folders.filter(({ path }) => !path.includes('/'));
  return largest !== undefined && second !== undefined && largest.bytes > 4 * second.bytes
    ? largest
    : undefined;
}

/** Where in-domain text could be: everything but the generic corpus, what lies in it, and a whole that is nothing besides. */
export function domainPlaces(
  { places }: WorkspaceFacts,
  generic: TextPlace | undefined,
): readonly TextPlace[] {
  const top = places.filter(
    ({ path, include }) => include === undefined && path !== '.' && !path.includes('/'),
  );
  const deep = top.filter((place) => place.path !== generic?.path).length < 2;
  const isNothingElse = ({ path, include, files }: TextPlace): boolean =>
    path === '.' &&
    include === undefined &&
    generic !== undefined &&
    generic.files === files &&
    places.includes(generic);
  const genericFolders = (generic === undefined ? [] : sourcesOf(generic)).flatMap(({ path, include }) =>
    include === undefined ? [path] : [],
  );
  return places.filter(
    (place) =>
      (place.path === '.' || deep || !place.path.includes('/')) &&
      (place.path === '.' || !genericFolders.some((folder) => isWithin(place.path, folder))) &&
      !isNothingElse(place),
  );
}

/** Folders that could be the generic corpus of these domains: none that shares files with one, but what a domain lies around. */
export function genericPlaces(
  { places }: WorkspaceFacts,
  domains: readonly DomainChoice[],
): readonly TextPlace[] {
  const folders = domains
    .flatMap(({ place }) => sourcesOf(place))
    .flatMap(({ path, include }) => (path === '.' || include !== undefined ? [] : [path]));
  return places.filter(
    ({ path, include }) =>
      path !== '.' &&
      include === undefined &&
      folders.every((folder) => !isWithin(path, folder) && !isWithin(folder, path)),
  );
}

/** The place that is proposed first. */
export function likelyDomain(places: readonly TextPlace[]): TextPlace | undefined {
  return places.find(({ include }) => include === undefined) ?? places.at(0);
}

/** A name for each domain that no other has: the one that it has already (`nameOf`), else its folder's. */
export function domainNames(
  places: readonly TextPlace[],
  workspaceName: string,
  nameOf: (place: TextPlace) => string | undefined = () => undefined,
): readonly DomainChoice[] {
  const names = new Set<string>();
  return places.map((place) => {
    const last = place.path === '.' ? workspaceName : (place.path.split('/').at(-1) ?? place.path);
    const base = nameOf(place) ?? domainName(`${last}${kindOf(place)}`);
    let name = base;
    for (let i = 2; names.has(name); i++) name = `${base} ${i}`;
    names.add(name);
    return { name, place };
  });
}

/** The kinds of files that a place has of a folder, in words. */
function kindOf({ include = [] }: TextPlace): string {
  const kinds = new Set(include.map((pattern) => pattern.replaceAll('*', '').toLowerCase()));
  return [...kinds].map((kind) => ` ${kind}`).join('');
}

/** The generic corpus has this name already. */
const domainName = (name: string): string => (name === 'generic' ? 'generic text' : name);

/** Whether nobody could look how much text of an experiment file there is. */
export function isUnknown({ sources, files }: TextPlace): boolean {
  return sources !== undefined && files === 0;
}

/** Whether the generic text suffices for the largest pretraining budget; else how often it would be read. */
export function genericWarning(
  generic: TextPlace | undefined,
  preset: PresetName,
  pretrainingTokens: readonly number[],
): string | undefined {
  if (generic === undefined || isUnknown(generic)) return undefined;
  const tokens = estimatedTokens(generic.bytes, preset);
  const largest = Math.max(...pretrainingTokens);
  if (tokens >= largest) return undefined;
  const about = `about ${formatCompact(tokens)} tokens (estimated), and the largest pretraining budget is ${formatCompact(largest)}`;
  return tokens === 0
    ? 'The generic corpus has no text.'
    : `The generic corpus is too small: ${about}. Its text would be read ${Math.ceil(largest / tokens)} times.`;
}

/** From one size of the curve to the next, and the fewest tokens that tell anything. */
const CURVE_FACTOR = 8;
const LEAST_SIZE = 1024;

/** All there is, and below it the curve: powers of two, an eighth of the smallest domain's text and less. */
export function proposedDomainTokens(
  domains: readonly DomainChoice[],
  preset: PresetName,
): readonly InDomainSize[] {
  return [...proposedCurve(domains, preset), 'all'];
}

/** The smaller sizes, rising; as many as the preset has. */
export function proposedCurve(domains: readonly DomainChoice[], preset: PresetName): readonly number[] {
  const least = Math.min(...domains.map(({ place }) => trainingTokens(place, preset)));
  if (!Number.isFinite(least)) return [];
  const count = presets[preset].fineTuning.domainTokens.length - 1;
  const sizes = Array.from({ length: count }, (_, i) => least / CURVE_FACTOR ** (count - i));
  return sizes.map((size) => 2 ** Math.floor(Math.log2(size))).filter((size) => size >= LEAST_SIZE);
}

/** Tokens of a place that would be trained on, estimated. */
export function trainingTokens({ bytes }: TextPlace, preset: PresetName): number {
  return Math.round(TRAINING_SHARE * estimatedTokens(bytes, preset));
}

/** The preset's, and of methods without generic text all that remain: they are few. */
export function proposedBudgets(
  preset: PresetName,
  given: Pick<Choices, 'generic' | 'from'>,
): Pick<Choices, 'pretrainingTokens' | 'seeds' | 'methods'> {
  const { pretraining, seeds, methods } = presets[preset];
  return {
    pretrainingTokens: pretraining.budgets,
    seeds,
    methods: given.generic === undefined ? possibleMethods(given) : methods,
  };
}

/** The text that comes along is there for models from scratch: a pretrained one needs none. */
export function proposedGeneric(
  { facts, bundled }: Pick<FolderFacts, 'facts' | 'bundled'>,
  from: Choices['from'],
): TextPlace | undefined {
  return likelyGeneric(facts) ?? (from?.small === undefined ? bundled : undefined);
}

/** What is known of a folder before anything is asked. */
export interface FolderFacts {
  readonly name: string;
  readonly facts: WorkspaceFacts;
  /** The generic text that comes with Parlance, at its place to be; absent where there is none. */
  readonly bundled?: TextPlace;
}

/** All answers, as proposed; `before` has those of an experiment that is there already. Without any text there is no domain. */
export function proposedChoices(folder: FolderFacts, before: Partial<Choices>): Choices {
  const { name, facts } = folder;
  const generic = 'generic' in before ? before.generic : proposedGeneric(folder, before.from);
  const domain = likelyDomain(domainPlaces(facts, generic));
  const domains = before.domains ?? domainNames(domain === undefined ? [] : [domain], name);
  const preset = before.preset ?? 'tiny';
  return {
    name,
    domains,
    ...(generic && { generic }),
    preset,
    domainTokens: proposedDomainTokens(domains, preset),
    ...proposedBudgets(preset, { ...before, generic }),
    ...before,
  };
}

/** About what was chosen. */
export function choiceWarnings({ generic, preset, pretrainingTokens }: Choices): readonly string[] {
  const warning = genericWarning(generic, preset, pretrainingTokens);
  return warning === undefined ? [] : [warning];
}

/** Rising budgets as people write them, `64k, 256k`; `undefined` for other text. */
export function parseSizes(
  text: string,
  parse: (one: string) => number | undefined,
): readonly number[] | undefined {
  const sizes = text
    .split(/[,;\s]+/)
    .filter((one) => one !== '')
    .map(parse);
  const rising = sizes.every(
    (size, i) => size !== undefined && size >= 1 && (i === 0 || size > (sizes[i - 1] ?? 0)),
  );
  return sizes.length > 0 && rising ? sizes.filter((size) => size !== undefined) : undefined;
}

/** Whether a path relative to the workspace lies in a folder of it, or is that. */
export function isWithin(path: string, folder: string): boolean {
  if (path.startsWith('../') || path.startsWith('/') || /^[A-Za-z]:/.test(path)) return false;
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}
