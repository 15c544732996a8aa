/**
 * The Corpus tree as rows: experiment, its domains and generic corpus, their warnings and labels, and files in pages.
 * Counts of tokens that were not counted are said to be estimates. Pure.
 */
import { basename, dirname, relative } from 'node:path';
import { formatBytes, formatCompact, formatPlural } from '../../common/format.ts';
import type { Translate } from '../../common/translate.ts';
import type { Label } from '../../corpus/labels/labels.ts';
import type {
  CorpusFacts,
  FilePage,
  IndexedFile,
  IndexSummary,
  LabelTotals,
  TokenCount,
} from '../../indexer/workspace-index.ts';
import { LABEL_ICONS } from '../label-icons.ts';
import { inOneLine, openRow, shortFileName, shortName, type TreeNode } from './nodes.ts';
import { warningRow } from './warning-nodes.ts';

/** Files that one click adds. */
export const PAGE_FILES = 200;

/** What an on-demand row asks the index for. */
export interface FilesOf {
  readonly experimentFile: string;
  readonly corpus: string;
  readonly label: Label;
}

const LABELS: readonly Label[] = ['in-domain', 'held-out', 'generic', 'excluded'];

export interface ExperimentCorpus {
  readonly file: string;
  readonly name: string;
  /** Why its file cannot be used; `isMissing`: there is none. */
  readonly problem?: { readonly message: string; readonly isMissing: boolean };
  /** `undefined` until the index has answered. */
  readonly summary: IndexSummary | undefined;
}

/** With one experiment its corpora are the roots; the row of the experiment would only be in the way. */
export function corpusRows(experiments: readonly ExperimentCorpus[], t: Translate): readonly TreeNode[] {
  const [only, ...more] = experiments;
  if (only === undefined) return [];
  if (more.length === 0) return rowsOfExperiment(only, t);
  return experiments.map((experiment) => ({
    id: `experiment:${experiment.file}`,
    label: shortName(experiment.name),
    tooltip: `${experiment.name}\n${experiment.file}`,
    icon: { name: 'beaker' },
    context: 'experiment',
    spoken: t('Experiment {0}', experiment.name),
    isOpen: true,
    children: rowsOfExperiment(experiment, t),
    subject: { kind: 'experiment', file: experiment.file },
  }));
}

function rowsOfExperiment({ file, summary, problem }: ExperimentCorpus, t: Translate): readonly TreeNode[] {
  if (problem !== undefined) {
    const { message, isMissing } = problem;
    return isMissing
      ? [stateRow(file, t('parlance.json is missing'), message, 'error')]
      : [{ ...stateRow(file, t('parlance.json cannot be used'), message, 'error'), file }];
  }
  if (summary === undefined) return [stateRow(file, t('Looking at the files…'), '', 'loading~spin')];
  if (summary.state === 'failed')
    return [stateRow(file, t('The files cannot be looked at'), summary.message, 'error')];
  const scanning =
    summary.state === 'scanning'
      ? [stateRow(file, t('Looking at the files…'), summary.message, 'loading~spin')]
      : [];
  const corpora = [...summary.corpora].sort(
    (a, b) => Number(a.role === 'generic') - Number(b.role === 'generic'),
  );
  return [
    ...scanning,
    ...corpora.map((corpus) => corpusRow(file, corpus, t)),
    ...unlabelledRow(file, summary, t),
  ];
}

function stateRow(file: string, label: string, description: string, icon: string): TreeNode {
  return {
    id: `state:${file}`,
    label,
    description: inOneLine(description, file),
    tooltip: description === '' ? label : `${label}\n${description}`,
    icon: { name: icon },
    spoken: `${label} ${description}`.trim(),
  };
}

function unlabelledRow(file: string, { unlabelledFiles }: IndexSummary, t: Translate): TreeNode[] {
  if (unlabelledFiles === 0) return [];
  const label = t('Not labelled yet');
  const description = formatPlural(unlabelledFiles, 'file');
  return [
    {
      id: `unlabelled:${file}`,
      label,
      description,
      tooltip: t('Files that no label speaks of count as parlance.json says. Click to go to the next one.'),
      icon: { name: 'tag' },
      command: {
        name: 'parlance.nextUnlabelled',
        title: t('Go to the next one'),
        arguments: [{ kind: 'experiment', file }],
      },
      spoken: `${label}: ${description}`,
    },
  ];
}

function corpusRow(file: string, corpus: CorpusFacts, t: Translate): TreeNode {
  const id = `corpus:${file}:${corpus.name}`;
  const labels = LABELS.flatMap((label) => {
    const totals = corpus.labels[label];
    return totals === undefined
      ? []
      : [labelRow({ experimentFile: file, corpus: corpus.name, label }, totals, t)];
  });
  const used = corpus.role === 'generic' ? corpus.labels.generic : corpus.labels['in-domain'];
  const description = [
    ...warningWords(corpus.warnings.length, t),
    ...(used === undefined ? [t('no text')] : [tokenWords(used, t)]),
    corpus.role === 'generic' ? t('generic corpus') : t('domain'),
  ].join(' · ');
  const row: TreeNode = {
    id,
    label: shortName(corpus.name),
    description,
    tooltip: heldOutWords(corpus, t),
    icon: { name: corpus.role === 'generic' ? 'globe' : 'book' },
    context: corpus.role === 'generic' ? 'generic-corpus' : 'domain',
    spoken: `${corpus.name}: ${description}`,
    children: [
      ...corpus.warnings.map((warning, index) =>
        warningRow(`${id}/warning:${warning.kind}:${index}`, file, warning, t),
      ),
      ...labels,
    ],
  };
  return corpus.role === 'domain' ? openRow(row) : row;
}

function warningWords(count: number, t: Translate): string[] {
  if (count === 0) return [];
  return [count === 1 ? t('1 warning') : t('{0} warnings', count)];
}

function heldOutWords({ name, explicitHeldout }: CorpusFacts, t: Translate): string {
  return explicitHeldout
    ? t('{0}: labels say what is held out.', name)
    : t('{0}: what is held out is drawn from the documents, always the same ones.', name);
}

function labelRow(filesOf: FilesOf, totals: LabelTotals, t: Translate): TreeNode {
  const { label } = filesOf;
  const description = [
    ...(totals.files === 0 && totals.passages > 0 ? [] : [formatPlural(totals.files, 'file')]),
    ...(totals.passages === 0 ? [] : [formatPlural(totals.passages, 'passage')]),
    tokenWords(totals, t),
  ].join(' · ');
  return {
    id: filesId(filesOf),
    label: labelWords(label, t),
    description,
    tooltip: `${description}\n${formatBytes(totals.bytes)}`,
    icon: { name: LABEL_ICONS[label] },
    context: 'label',
    spoken: `${labelWords(label, t)}: ${description}`,
    version: `${totals.bytes} ${totals.tokens}`,
    ...(totals.files === 0 ? {} : { children: 'on demand' }),
  };
}

/** The pages of files so far, and the row that asks for more. */
export function fileRows(filesOf: FilesOf, page: FilePage, t: Translate): readonly TreeNode[] {
  const id = filesId(filesOf);
  const folder = filesOf.experimentFile.replace(/[^\\/]*$/, '');
  const rows = page.files.map((file) => fileRow(id, folder, file, t));
  const left = page.total - page.files.length;
  if (left <= 0) return rows;
  const label = t('Show {0} more', Math.min(left, PAGE_FILES));
  return [
    ...rows,
    {
      id: `${id}/more`,
      label,
      description: t('{0} not shown', left),
      icon: { name: 'ellipsis' },
      command: { name: 'parlance.showMore', title: label, arguments: [id] },
      spoken: t('{0} of {1} files are not shown', label, left),
    },
  ];
}

function fileRow(id: string, folder: string, file: IndexedFile, t: Translate): TreeNode {
  const path = relative(folder, file.path);
  const below = dirname(path);
  const description = [
    ...(below === '.' ? [] : [below]),
    tokenWords(file.size, t),
    ...(file.passages === 0 ? [] : [formatPlural(file.passages, 'passage')]),
  ].join(' · ');
  const said = file.labelled ? t('labelled {0}', labelWords(file.label, t)) : t('not labelled');
  return {
    id: `${id}/${file.path}`,
    label: shortFileName(basename(path)),
    description,
    tooltip: [file.path, description, formatBytes(file.bytes), said].join('\n'),
    file: file.path,
    context: file.labelled ? 'file labelled' : 'file',
    spoken: `${path}: ${description}, ${said}`,
  };
}

const FILES_ID = 'files:';

function filesId({ experimentFile, corpus, label }: FilesOf): string {
  return `${FILES_ID}${JSON.stringify([experimentFile, corpus, label])}`;
}

/** What the row of a label stands for; `undefined` for other rows. */
export function filesOfId(id: string): FilesOf | undefined {
  if (!id.startsWith(FILES_ID)) return undefined;
  const [experimentFile, corpus, name]: string[] = JSON.parse(id.slice(FILES_ID.length));
  const label = LABELS.find((one) => one === name);
  return label === undefined ? undefined : { experimentFile, corpus, label };
}

/** `12k tokens`; `about 12k tokens` where they were estimated from the bytes. */
export function tokenWords({ tokens, source }: TokenCount, t: Translate): string {
  const amount = formatCompact(tokens);
  return source === 'counted' ? t('{0} tokens', amount) : t('about {0} tokens', amount);
}

function labelWords(label: Label, t: Translate): string {
  const words: Readonly<Record<Label, string>> = {
    'in-domain': t('In-domain'),
    'held-out': t('Held-out'),
    generic: t('Generic'),
    excluded: t('Excluded'),
  };
  return words[label];
}
