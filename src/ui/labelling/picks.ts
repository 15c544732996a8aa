/** The questions that labelling asks. */
import { sep } from 'node:path';
import {
  InputBoxValidationSeverity,
  l10n,
  type QuickPickItem,
  QuickPickItemKind,
  type Uri,
  window,
  workspace,
} from 'vscode';
import { slashed } from '../../common/slashes.ts';
import { isLabelPattern, type Label, labelNames } from '../../corpus/labels/labels.ts';
import { pathMatcher } from '../../corpus/sources/globs.ts';
import { LABEL_ICONS } from '../label-icons.ts';
import type { LabelChoice } from './requests.ts';
import { labelTitle } from './words.ts';

interface Choice<Value> extends QuickPickItem {
  readonly value?: Value;
}

/** Which label, the last one first; `clear` to remove it; `undefined` when none is picked. */
export async function pickLabel(
  name: string,
  last: Label | undefined,
  canClear: boolean,
): Promise<Label | 'clear' | undefined> {
  const order = last === undefined ? labelNames : [last, ...labelNames.filter((label) => label !== last)];
  const details: Readonly<Record<Label, string>> = {
    'in-domain': l10n.t('Text of the domain: trained on.'),
    'held-out': l10n.t('Text of the domain that is only measured on, never trained on.'),
    generic: l10n.t('Not of the domain; may be used as generic text.'),
    excluded: l10n.t('Not read at all.'),
  };
  const items = order.map(
    (label): Choice<Label | 'clear'> => ({
      label: `$(${LABEL_ICONS[label]}) ${labelTitle(label, l10n.t)}`,
      description: details[label],
      value: label,
    }),
  );
  if (canClear) {
    items.push({ label: '', kind: QuickPickItemKind.Separator });
    items.push({ label: `$(close) ${l10n.t('Remove label')}`, value: 'clear' });
  }
  return (await window.showQuickPick(items, { title: l10n.t('Label {0}', name), matchOnDescription: true }))
    ?.value;
}

/** How the answer "all domains" is remembered; no domain has an empty name. */
export const allDomains = '';

/** Which of several domains; the last answer first. `undefined` when none is picked. */
export async function pickDomain(
  label: Label,
  domains: readonly string[],
  last: string | undefined,
): Promise<LabelChoice | undefined> {
  const items: Choice<LabelChoice>[] = domains.map((domain) => ({ label: domain, value: { label, domain } }));
  items.push({ label: l10n.t('All domains'), value: { label, domain: undefined } });
  const wasLast = ({ value }: Choice<LabelChoice>) => Number((value?.domain ?? allDomains) === last);
  items.sort((a, b) => wasLast(b) - wasLast(a));
  const title = l10n.t('{0}: for which domain?', labelTitle(label, l10n.t));
  return (await window.showQuickPick(items, { title }))?.value;
}

/** A pattern, with the number of files that it matches while it is typed. */
export async function pickGlob(folder: Uri, start: string): Promise<string | undefined> {
  const found = await workspace.findFiles('**/*', '**/node_modules/**', 20_000);
  const paths = found
    .filter(({ fsPath }) => fsPath.startsWith(`${folder.fsPath}${sep}`))
    .map(({ fsPath }) => slashed(fsPath.slice(folder.fsPath.length + 1)));
  const validate = (pattern: string) => {
    if (pattern.trim() === '') return l10n.t('Write a pattern, for example docs/**/*.md');
    if (!isLabelPattern(pattern)) {
      return l10n.t(
        'Patterns are relative to the folder, with single forward slashes, and begin with neither ! nor #.',
      );
    }
    const matches = pathMatcher([pattern]);
    const count = paths.filter(matches).length;
    const more = found.length === 20_000 ? l10n.t(' of the first 20,000') : '';
    return { message: l10n.t('{0} files{1} match', count, more), severity: InputBoxValidationSeverity.Info };
  };
  return window.showInputBox({
    title: l10n.t('Label files by pattern'),
    prompt: l10n.t('As in .gitignore, with {a,b} alternatives. A later pattern wins over earlier ones.'),
    value: start,
    validateInput: validate,
  });
}
