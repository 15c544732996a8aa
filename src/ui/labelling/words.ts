/** What lenses, hovers and badges say. The words are put together here, so that they can be tested without an editor. */

import type { Translate } from '../../common/translate.ts';
import type { Label, LabelEntry } from '../../corpus/labels/labels.ts';
import type { IndexedFile, TokenCount } from '../../indexer/workspace-index.ts';

export interface FileBadge {
  readonly letter: string;
  readonly tooltip: string;
  readonly label: Label;
}

const letters: Readonly<Record<Label, string>> = {
  'in-domain': 'I',
  'held-out': 'H',
  generic: 'G',
  excluded: 'X',
};

export function labelTitle(label: Label, t: Translate): string {
  const titles: Readonly<Record<Label, string>> = {
    'in-domain': t('in-domain'),
    'held-out': t('held-out'),
    generic: t('generic'),
    excluded: t('excluded'),
  };
  return titles[label];
}

/** What becomes of text with a label. */
export function fateOf(label: Label, explicitHeldout: boolean | undefined, t: Translate): string {
  if (label === 'held-out') return t('Only measured on, never trained on.');
  if (label === 'generic')
    return t('No part of the domain; the generic corpus takes it if it reads this folder.');
  if (label === 'excluded') return t('Not read at all.');
  if (explicitHeldout === true)
    return t('Trained on; a share that its content decides is kept for validation.');
  if (explicitHeldout === false) {
    return t('Trained on; shares that its content decides are kept for validation and held out.');
  }
  return t('Trained on; a share is set aside for validation.');
}

/** `in-domain for law`, or for all domains without saying so. */
export function labelOf({ label, domain }: Pick<LabelEntry, 'label' | 'domain'>, t: Translate): string {
  const title = labelTitle(label, t);
  return domain === undefined ? title : t('{0} for {1}', title, domain);
}

/** `held-out passage for law`. */
function passageOf({ label, domain }: Pick<LabelEntry, 'label' | 'domain'>, t: Translate): string {
  const title = labelTitle(label, t);
  return domain === undefined ? t('{0} passage', title) : t('{0} passage for {1}', title, domain);
}

/** By which entry of labels.json. */
export function sourceOf({ glob, path, passage }: LabelEntry, t: Translate): string {
  if (glob !== undefined) return t('by the pattern {0}', glob);
  return passage === undefined ? t('by the entry of {0}', path ?? '') : t('by a passage of {0}', path ?? '');
}

export function tokensText({ tokens, source }: TokenCount, t: Translate): string {
  if (source === 'counted') return t('{0} tokens', tokens.toLocaleString('en'));
  return t('about {0} tokens', roundedTokens(tokens));
}

/** A passage is never counted; its tokens are estimated from the file's, or from its bytes. */
export function passageTokens(
  bytes: number,
  file: Pick<IndexedFile, 'bytes' | 'size'> | undefined,
): TokenCount {
  const bytesPerToken = file !== undefined && file.size.tokens > 0 ? file.bytes / file.size.tokens : 4;
  return { tokens: Math.max(1, Math.round(bytes / bytesPerToken)), source: 'estimated' };
}

/** The lens at the top of a file: its label, by which entry, how much text. */
export function fileLensTitle(
  holding: readonly LabelEntry[],
  indexed: Readonly<Record<string, IndexedFile>>,
  t: Translate,
): string {
  const files = Object.entries(indexed);
  const parts: string[] = [];
  if (holding.length > 0) {
    parts.push(`${holding.map((entry) => labelOf(entry, t)).join(', ')} ${sourceOf(holding[0], t)}`);
  } else if (files.length > 0) {
    const labels = files.map(([corpus, { label }]) => t('{0} in {1}', labelTitle(label, t), corpus));
    parts.push(t('{0} by the experiment file', labels.join(', ')));
  } else parts.push(t('no label'));
  if (files.length > 0) parts.push(tokensText(files[0][1].size, t));
  return parts.join(' · ');
}

/** The lens above a passage. */
export function passageLensTitle(entry: LabelEntry, size: TokenCount, t: Translate): string {
  return `${passageOf(entry, t)} · ${tokensText(size, t)}`;
}

export interface PassageFacts {
  readonly entry: LabelEntry;
  readonly size: TokenCount;
  readonly explicitHeldout: boolean | undefined;
  /** Other labelled passages at the same place whose label holds over this one's. */
  readonly heldBy: LabelEntry | undefined;
  /** Files that are trained on, or may be, in which the text of a held-out passage stands too. */
  readonly alsoIn: readonly string[];
  /** What the index says of the file: contamination. */
  readonly warnings: readonly string[];
}

/** The lines of a passage's hover, plain text, the first one its title. */
export function passageHover(facts: PassageFacts, t: Translate): readonly string[] {
  const { entry, size, explicitHeldout, heldBy, alsoIn, warnings } = facts;
  const lines = [
    `${passageOf(entry, t)} · ${t('{0} (estimated)', tokensText(size, t))}`,
    fateOf(entry.label, explicitHeldout, t),
    t('Said by its entry in .parlance/labels.json.'),
  ];
  if (heldBy !== undefined) {
    lines.push(
      t('A passage that overlaps this one is {0}; where they overlap, that holds.', labelOf(heldBy, t)),
    );
  }
  if (alsoIn.length > 0) {
    lines.push(t('⚠ The same text stands outside held-out text in {0}.', alsoIn.join(', ')));
  }
  return [...lines, ...warnings.map((warning) => `⚠ ${warning}`)];
}

/** The badge of a file in the explorer; `undefined` without any entry. */
export function fileBadge(
  holding: readonly LabelEntry[],
  passages: readonly LabelEntry[],
  t: Translate,
): FileBadge | undefined {
  const entries = holding.length > 0 ? holding : passages;
  if (entries.length === 0) return undefined;
  const label = mostExclusive(entries);
  const own = holding.map((entry) => `${labelOf(entry, t)} ${sourceOf(entry, t)}`);
  const some = passages.length === 1 ? t('1 labelled passage') : t('{0} labelled passages', passages.length);
  const tooltip = [...own, ...(passages.length > 0 ? [some] : [])].join(', ');
  const letter = holding.length > 0 ? letters[label] : letters[label].toLowerCase();
  return { letter: passages.length > 0 && holding.length > 0 ? `${letter}+` : letter, tooltip, label };
}

/** The label that keeps most away from training: the one that a glance must not miss. */
function mostExclusive(entries: readonly LabelEntry[]): Label {
  const order: readonly Label[] = ['held-out', 'excluded', 'generic', 'in-domain'];
  return order.find((label) => entries.some((entry) => entry.label === label)) ?? entries[0].label;
}

/** What was done, for the status bar. */
export function doneText(what: string, targets: number, name: string, t: Translate): string {
  return targets === 1 ? t('{0}: {1}', name, what) : t('{0} and {1} more: {2}', name, targets - 1, what);
}

/** Two significant digits from a hundred on: more would look measured. */
function roundedTokens(tokens: number): string {
  if (tokens < 100) return String(tokens);
  return Number(tokens.toPrecision(2)).toLocaleString('en');
}

/** Why a passage is lost, and what holds until it is labelled again. */
export function lostText(entry: LabelEntry, why: 'edited' | 'no file' | 'no text', t: Translate): string {
  const quote = entry.passage?.quote ?? entry.passage?.head ?? '';
  const start = quote.length > 60 ? `${quote.slice(0, 60)}…` : quote;
  const reasons = {
    edited: t('its text is no longer in its place'),
    'no file': t('the file is no longer there'),
    'no text': t('the file is not text or is too large'),
  };
  return t(
    'The {0} passage “{1}” is lost: {2}. Until it is labelled again, the label of the file holds.',
    labelOf(entry, t),
    start.replaceAll(/\s+/g, ' '),
    reasons[why],
  );
}
