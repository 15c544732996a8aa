/** What the questions offer: places with their sizes, presets, budgets. Items carry what choosing them means. Pure. */
import { formatBytes, formatCompact, formatPlural } from '../../common/format.ts';
import type { Translate } from '../../common/translate.ts';
import { methodInWords } from '../../methods/titles.ts';
import { PRESET_NAMES, type PresetName, presets } from '../config/presets.ts';
import type { Offer } from './dialogue.ts';
import { memoryFit, type PresetMemory } from './memory-fit.ts';
import {
  type Choices,
  estimatedTokens,
  genericWarning,
  isUnknown,
  possibleMethods,
  proposedCurve,
  trainingTokens,
} from './propose.ts';
import type { FileSource, TextPlace } from './workspace-facts.ts';

export interface PlaceItem extends Offer {
  readonly place: TextPlace | 'browse' | 'none';
}

export function domainItem(place: TextPlace, t: Translate): PlaceItem {
  const warning = place.isTooFew && t('too few documents for a domain');
  return { ...placeOffer(place, t), ...warningDetail(warning), place };
}

export function genericItem(place: TextPlace, t: Translate): PlaceItem {
  const budgets = presets.tiny.pretraining.budgets;
  return { ...placeOffer(place, t), ...warningDetail(genericWarning(place, 'tiny', budgets)), place };
}

const warningDetail = (warning: string | undefined): Pick<Offer, 'detail' | 'warns'> =>
  warning === undefined ? {} : { detail: warning, warns: true };

export function bundledItem(place: TextPlace, t: Translate): PlaceItem {
  return {
    label: t('The text that comes with Parlance'),
    icon: 'package',
    description: sizeInWords(place, t),
    detail: t(
      'English: a novel, and facts about countries. It is copied into this folder as {0}.',
      `${place.path}/`,
    ),
    place,
  };
}

export function browseItem(t: Translate): PlaceItem {
  return {
    label: t('Another folder…'),
    icon: 'folder-opened',
    description: t('outside of the workspace'),
    place: 'browse',
  };
}

/** No generic text, and what remains possible. */
export function noneItem({ from }: Pick<Choices, 'from'>, t: Translate): PlaceItem {
  const [first, ...more] = possibleMethods({ from });
  const detail =
    more.length === 0
      ? t('Only {0} remains: trained on the domain alone, compared with nothing.', first)
      : t(
          '{0} remain: a pretrained model adapted, and one from scratch. The others need generic text.',
          [first, ...more].join(', '),
        );
  return {
    label: t('None'),
    icon: 'circle-slash',
    description: t('only in-domain text'),
    detail,
    place: 'none',
  };
}

function placeOffer(place: TextPlace, t: Translate): Offer {
  return { ...placeLabel(place, t), description: sizeInWords(place, t) };
}

function placeLabel({ path, include, sources }: TextPlace, t: Translate): Pick<Offer, 'label' | 'icon'> {
  if (sources !== undefined) {
    const named = sources.map((source) => sourceName(source, t)).join(', ');
    return { label: t('{0}, as it is now', named), icon: 'history' };
  }
  if (include !== undefined) return { label: t('all {0}', include.join(' ')), icon: 'files' };
  return path === '.'
    ? { label: t('the whole folder'), icon: 'root-folder' }
    : { label: path, icon: 'folder' };
}

/** Patterns in the workspace's folder stand alone, as they do in the file's other places. */
function sourceName({ path, include = [] }: FileSource, t: Translate): string {
  if (path !== '.') return [path, ...include].join(' ');
  return include.length === 0 ? t('the whole folder') : include.join(' ');
}

function sizeInWords(place: TextPlace, t: Translate): string {
  if (isUnknown(place)) return t('not looked at, or not there now');
  const tokens = formatCompact(estimatedTokens(place.bytes, 'tiny'));
  return `${formatPlural(place.files, 'file')}, ${formatBytes(place.bytes)}, ${t('about {0} tokens (estimated)', tokens)}`;
}

export interface PresetItem extends Offer {
  readonly preset: PresetName;
}

/**
 * `free`: bytes of memory. Without `memory` nothing is said of it. A model that was given has its own size, so of the presets,
 * which hold others, two remain, and the one that is chosen already.
 */
export function presetItems(
  { from, preset: chosen }: Pick<Choices, 'from' | 'preset'>,
  memory: PresetMemory | undefined,
  free: number,
  t: Translate,
): readonly PresetItem[] {
  if (from?.small !== undefined) {
    const detail = t('The model has its own size: the last step predicts its memory.');
    const budgets: Partial<Record<PresetName, string>> = {
      tiny: t('quickest: to see which way is best'),
      small: t('larger budgets where generic text is read, and three seeds'),
    };
    return PRESET_NAMES.flatMap((preset) => {
      const description = budgets[preset] ?? (preset === chosen ? t('as it is now') : undefined);
      return description === undefined ? [] : [{ label: preset, description, detail, preset }];
    });
  }
  const words: Record<PresetName, string> = {
    tiny: t('quickest: to see which way is best, with models too small to be of use'),
    small: t('the paper’s proportions, with more pretraining and three seeds'),
    paper: t('the paper’s regime: the smallest models, pretrained for a night'),
    laptop: t('models of 10 and 61 million parameters: a night on a graphics card, predicted'),
    base: t('the paper’s own sizes, 122 and 761 million parameters: for servers with graphics processors'),
  };
  return PRESET_NAMES.map((preset) => {
    const fit = memory && memoryFit(preset, presets[preset].methods, memory, free);
    const detail = fit?.sentence ?? t('Memory is predicted once this folder is trusted.');
    return { label: preset, description: words[preset], detail, warns: fit?.fits === false, preset };
  });
}

export interface MethodItem extends Offer {
  readonly id: string;
}

/** Those that are possible. Warnings are about models of the preset's sizes. */
export function methodItems(
  choices: Pick<Choices, 'preset' | 'generic' | 'from'>,
  memory: PresetMemory | undefined,
  free: number,
): readonly MethodItem[] {
  const known = choices.from?.small === undefined ? memory : undefined;
  const possible = possibleMethods(choices);
  return possible.map((id) => {
    const fit = known && memoryFit(choices.preset, [id], known, free);
    return { label: methodInWords(id), ...warningDetail(fit?.fits === false ? fit.sentence : undefined), id };
  });
}

export interface SizesItem extends Offer {
  readonly sizes: readonly number[] | 'ask';
}

export function pretrainingItems(
  { preset, generic, pretrainingTokens }: Pick<Choices, 'preset' | 'generic' | 'pretrainingTokens'>,
  t: Translate,
): readonly SizesItem[] {
  const { budgets } = presets[preset].pretraining;
  const item = (label: string, sizes: readonly number[]): SizesItem => {
    const warning = warningDetail(genericWarning(generic, preset, sizes));
    return { label, description: sizesInWords(sizes, t), ...warning, sizes };
  };
  const scaled = (factor: number): readonly number[] => budgets.map((size) => size * factor);
  const offered = [
    item(t('As the preset has it'), budgets),
    item(t('A quarter'), scaled(1 / 4)),
    item(t('Four times as much'), scaled(4)),
  ];
  const current = item(t('As chosen before'), pretrainingTokens);
  const isOffered = offered.some(({ description }) => description === current.description);
  return [...(isOffered ? [] : [current]), ...offered, { label: t('Other budgets…'), sizes: 'ask' }];
}

export function sizesInWords(sizes: readonly (number | 'all')[], t: Translate): string {
  const words = sizes.map((size) => (size === 'all' ? t('all there is') : formatCompact(size)));
  return t('{0} tokens', words.join(', '));
}

export interface DomainSizesItem extends Offer {
  readonly size: number | 'all';
}

/** All there is first, which is always measured; then the curve: what was chosen before and what fits the text. */
export function domainSizeItems(
  { domains, preset, domainTokens }: Pick<Choices, 'domains' | 'preset' | 'domainTokens'>,
  t: Translate,
): readonly [DomainSizesItem, ...DomainSizesItem[]] {
  const least = Math.min(...domains.map(({ place }) => trainingTokens(place, preset)));
  const chosen = domainTokens.filter((size) => size !== 'all');
  const sizes = [...new Set([...proposedCurve(domains, preset), ...chosen])].sort((a, b) => a - b);
  const about = t('about {0} tokens to train on (estimated)', formatCompact(least));
  return [
    {
      label: t('all there is'),
      description: t('always measured: the answer is about it; {0}', about),
      size: 'all',
    },
    ...sizes.map((size) => ({
      label: sizesInWords([size], t),
      description: size < least ? t('for the curve') : t('more than there is: left out'),
      size,
    })),
  ];
}

export interface SeedsItem extends Offer {
  readonly seeds: readonly number[];
}

export function seedItems(chosen: readonly number[], t: Translate): readonly SeedsItem[] {
  const words = [
    t('quickest; differences may be chance'),
    t('shows roughly how much is chance'),
    t('shows how much is chance'),
  ];
  const offered = words.map((description, i) => {
    const seeds = Array.from({ length: i + 1 }, (_, one) => one + 1);
    return { label: formatPlural(seeds.length, 'seed'), description, seeds };
  });
  if (offered.some(({ seeds }) => seeds.join() === chosen.join())) return offered;
  return [{ label: t('As chosen before'), description: chosen.join(', '), seeds: chosen }, ...offered];
}
