/** What the wizard's steps offer: places with their sizes, presets, budgets. Items carry what choosing them means. */
import { l10n, type QuickPickItem } from 'vscode';
import { formatBytes, formatCompact, formatPlural } from '../../../common/format.ts';
import { type PresetName, presets } from '../../../experiments/config/presets.ts';
import {
  type Choices,
  estimatedTokens,
  genericWarning,
  METHODS_WITHOUT_GENERIC,
  memoryFit,
  type PresetMemory,
  proposedCurve,
  trainingTokens,
} from '../../../experiments/proposal/propose.ts';
import type { TextPlace } from '../../../experiments/proposal/workspace-facts.ts';
import { methods } from '../../../methods/registry.ts';
import { methodInWords } from '../../../methods/titles.ts';

export interface PlaceItem extends QuickPickItem {
  readonly place: TextPlace | 'browse' | 'none';
}

export function domainItem(place: TextPlace): PlaceItem {
  const detail = place.isTooFew && `$(warning) ${l10n.t('too few documents for a domain')}`;
  return { label: placeLabel(place), description: sizeInWords(place), ...(detail && { detail }), place };
}

export function genericItem(place: TextPlace): PlaceItem {
  const budgets = presets.tiny.pretraining.budgets;
  const detail = genericWarning(place, 'tiny', budgets);
  return {
    label: placeLabel(place),
    description: sizeInWords(place),
    ...(detail === undefined ? {} : { detail: `$(warning) ${detail}` }),
    place,
  };
}

export function bundledItem(place: TextPlace): PlaceItem {
  return {
    label: `$(package) ${l10n.t('The text that comes with Parlance')}`,
    description: sizeInWords(place),
    detail: l10n.t(
      'English: a novel, and facts about countries. It is copied into this folder as {0}.',
      `${place.path}/`,
    ),
    place,
  };
}

export function browseItem(): PlaceItem {
  return {
    label: `$(folder-opened) ${l10n.t('Another folder…')}`,
    description: l10n.t('outside of the workspace'),
    place: 'browse',
  };
}

/** No generic text, and what remains possible. */
export function noneItem(): PlaceItem {
  return {
    label: `$(circle-slash) ${l10n.t('None')}`,
    description: l10n.t('only in-domain text'),
    detail: l10n.t(
      'Only {0} remains: trained on the domain alone, compared with nothing.',
      METHODS_WITHOUT_GENERIC.join(', '),
    ),
    place: 'none',
  };
}

function placeLabel({ path, include }: TextPlace): string {
  if (include !== undefined) return `$(files) ${l10n.t('all {0}', include.join(' '))}`;
  return path === '.' ? `$(root-folder) ${l10n.t('the whole folder')}` : `$(folder) ${path}`;
}

function sizeInWords(place: TextPlace): string {
  const tokens = formatCompact(estimatedTokens(place.bytes, 'tiny'));
  return `${formatPlural(place.files, 'file')}, ${formatBytes(place.bytes)}, ${l10n.t('about {0} tokens (estimated)', tokens)}`;
}

export interface PresetItem extends QuickPickItem {
  readonly preset: PresetName;
}

/** `free`: bytes of memory. Without `memory` nothing is said of it. */
export function presetItems(memory: PresetMemory | undefined, free: number): readonly PresetItem[] {
  const words: Record<PresetName, string> = {
    tiny: l10n.t('quickest: to see which way is best, with models too small to be of use'),
    small: l10n.t('the paper’s proportions, with more pretraining and three seeds'),
  };
  return (['tiny', 'small'] as const).map((preset) => {
    const fit = memory && memoryFit(preset, presets[preset].methods, memory, free);
    const detail = fit?.sentence ?? l10n.t('Memory is predicted once this folder is trusted.');
    return {
      label: preset,
      description: words[preset],
      detail: fit?.fits === false ? `$(warning) ${detail}` : detail,
      preset,
    };
  });
}

export interface MethodItem extends QuickPickItem {
  readonly id: string;
}

export function methodItems(
  preset: PresetName,
  memory: PresetMemory | undefined,
  free: number,
): readonly MethodItem[] {
  return methods.map(({ id }) => {
    const fit = memory && memoryFit(preset, [id], memory, free);
    return {
      label: methodInWords(id),
      ...(fit?.fits === false ? { detail: `$(warning) ${fit.sentence}` } : {}),
      id,
    };
  });
}

export interface SizesItem extends QuickPickItem {
  readonly sizes: readonly number[] | 'ask';
}

export function pretrainingItems({
  preset,
  generic,
  pretrainingTokens,
}: Pick<Choices, 'preset' | 'generic' | 'pretrainingTokens'>): readonly SizesItem[] {
  const { budgets } = presets[preset].pretraining;
  const item = (label: string, sizes: readonly number[]): SizesItem => {
    const warning = genericWarning(generic, preset, sizes);
    const detail = warning === undefined ? {} : { detail: `$(warning) ${warning}` };
    return { label, description: sizesInWords(sizes), ...detail, sizes };
  };
  const scaled = (factor: number): readonly number[] => budgets.map((size) => size * factor);
  const offered = [
    item(l10n.t('As the preset has it'), budgets),
    item(l10n.t('A quarter'), scaled(1 / 4)),
    item(l10n.t('Four times as much'), scaled(4)),
  ];
  const current = item(l10n.t('As chosen before'), pretrainingTokens);
  const isOffered = offered.some(({ description }) => description === current.description);
  return [...(isOffered ? [] : [current]), ...offered, { label: l10n.t('Other budgets…'), sizes: 'ask' }];
}

export function sizesInWords(sizes: readonly (number | 'all')[]): string {
  const words = sizes.map((size) => (size === 'all' ? l10n.t('all there is') : formatCompact(size)));
  return l10n.t('{0} tokens', words.join(', '));
}

export interface DomainSizesItem extends QuickPickItem {
  readonly size: number | 'all';
}

/** All there is first, which is always measured; then the curve: what was chosen before and what fits the text. */
export function domainSizeItems({
  domains,
  preset,
  domainTokens,
}: Pick<Choices, 'domains' | 'preset' | 'domainTokens'>): readonly [DomainSizesItem, ...DomainSizesItem[]] {
  const least = Math.min(...domains.map(({ place }) => trainingTokens(place, preset)));
  const chosen = domainTokens.filter((size) => size !== 'all');
  const sizes = [...new Set([...proposedCurve(domains, preset), ...chosen])].sort((a, b) => a - b);
  const about = l10n.t('about {0} tokens to train on (estimated)', formatCompact(least));
  return [
    {
      label: l10n.t('all there is'),
      description: l10n.t('always measured: the answer is about it; {0}', about),
      size: 'all',
    },
    ...sizes.map((size) => ({
      label: sizesInWords([size]),
      description: size < least ? l10n.t('for the curve') : l10n.t('more than there is: left out'),
      size,
    })),
  ];
}

export interface SeedsItem extends QuickPickItem {
  readonly seeds: readonly number[];
}

export function seedItems(chosen: readonly number[]): readonly SeedsItem[] {
  const words = [
    l10n.t('quickest; differences may be chance'),
    l10n.t('shows roughly how much is chance'),
    l10n.t('shows how much is chance'),
  ];
  const offered = words.map((description, i) => {
    const seeds = Array.from({ length: i + 1 }, (_, one) => one + 1);
    return { label: formatPlural(seeds.length, 'seed'), description, seeds };
  });
  if (offered.some(({ seeds }) => seeds.join() === chosen.join())) return offered;
  return [{ label: l10n.t('As chosen before'), description: chosen.join(', '), seeds: chosen }, ...offered];
}
