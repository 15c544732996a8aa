/** Warnings of a corpus as rows, with the files that they are about. Pure. */
import { basename, dirname } from 'node:path';
import type { Translate } from '../../common/translate.ts';
import type { CorpusWarning } from '../../indexer/workspace-index.ts';
import { inOneLine, shortFileName, type TreeNode } from './nodes.ts';

const WARNING_ICONS: Readonly<Record<CorpusWarning['kind'], string>> = {
  duplicates: 'files',
  contamination: 'warning',
  'lost passage': 'question',
  'lost label': 'question',
  unreadable: 'error',
  'no text': 'file-binary',
  'too little text': 'warning',
  'labels file': 'error',
  watching: 'eye-closed',
};

export function warningRow(
  id: string,
  experimentFile: string,
  warning: CorpusWarning,
  t: Translate,
): TreeNode {
  const { kind, message, hint, files, count } = warning;
  const more = count - files.length;
  return {
    id,
    label: warningKindWords(kind, t),
    description: inOneLine(message, experimentFile),
    tooltip: `${message}\n${hint}`,
    icon: { name: WARNING_ICONS[kind], color: 'list.warningForeground' },
    context: `warning ${kind.replaceAll(' ', '-')}`,
    spoken: t('Warning: {0} {1}', message, hint),
    children: [
      ...files.map((file) => ({
        id: `${id}/${file}`,
        label: shortFileName(basename(file)),
        description: inOneLine(dirname(file), experimentFile),
        tooltip: file,
        file,
        context: 'file',
        spoken: file,
      })),
      ...(more > 0
        ? [{ id: `${id}/more`, label: t('and {0} more', more), spoken: t('and {0} more files', more) }]
        : []),
    ],
  };
}

/** What it is about in few words; the sentence behind them is cut off in a narrow view. */
function warningKindWords(kind: CorpusWarning['kind'], t: Translate): string {
  const words: Readonly<Record<CorpusWarning['kind'], string>> = {
    duplicates: t('Copies'),
    contamination: t('Held-out text elsewhere'),
    'lost passage': t('Passage not found'),
    'lost label': t('Label names nothing'),
    unreadable: t('Not read'),
    'no text': t('No text'),
    'too little text': t('Too little text'),
    'labels file': t('labels.json is damaged'),
    watching: t('Changes are seen late'),
  };
  return words[kind];
}
