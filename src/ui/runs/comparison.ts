/** Runs side by side as a Markdown document: what each measured, what that cost, and how they were configured otherwise. Pure. */
import { escapeMarkdown } from '../../../webview/charts/escape.ts';
import {
  formatCompact,
  formatFlops,
  formatPerplexity,
  formatSeconds,
  formatTime,
} from '../../../webview/charts/format.ts';
import type { Json } from '../../common/json.ts';
import type { Measurement } from '../../experiments/results.ts';
import type { RunView } from '../../experiments/run-view.ts';
import { methodWords, phaseWords } from '../run-words.ts';
import type { Translate } from '../translate.ts';

export interface ComparedRun {
  readonly run: RunView;
  readonly configuration: Json;
}

export function comparison(compared: readonly ComparedRun[], t: Translate): string {
  const names = compared.map((_, index) => String.fromCharCode(65 + index));
  return [
    `# ${t('Comparison of {0} runs', compared.length)}`,
    table(
      [t('run'), t('experiment'), t('methods'), t('begun'), t('state'), t('tokens evaluated')],
      compared.map(({ run }, index) => [
        names[index],
        run.title,
        methodWords(run, t),
        formatTime(run.created),
        phaseWords(run.phase, t),
        formatCompact(sumOfEvaluated(run)),
      ]),
    ),
    `## ${t('Perplexity and costs')}`,
    t('All in-domain text first, and the lowest by validation, which methods are chosen by.'),
    measurementTable(compared, names, t),
    `## ${t('Differences of configuration')}`,
    differenceTable(compared, names, t),
    '',
  ].join('\n\n');
}

function sumOfEvaluated({ measurements }: RunView): number {
  return measurements.reduce((sum, { evaluatedTokens }) => sum + evaluatedTokens, 0);
}

function measurementTable(compared: readonly ComparedRun[], names: readonly string[], t: Translate): string {
  const rows = compared.flatMap(({ run: { measurements } }, index) =>
    measurements
      .filter((one) => one.phase === 'after fine-tuning' || !isTuned(one, measurements))
      .map((one) => ({ name: names[index], one, before: beforeOf(one, measurements) })),
  );
  if (rows.length === 0) return t('None of these runs has measured anything yet.');
  rows.sort(
    (a, b) =>
      a.one.domain.localeCompare(b.one.domain) ||
      b.one.domainTokens - a.one.domainTokens ||
      a.one.validationPerplexity - b.one.validationPerplexity,
  );
  return table(
    [
      t('run'),
      t('domain'),
      t('method'),
      t('seed'),
      t('generic tokens'),
      t('in-domain tokens'),
      t('held-out, before fine-tuning'),
      t('held-out, after fine-tuning'),
      t('validation'),
      t('generic cost'),
      t('specialization cost'),
    ],
    rows.map(({ name, one, before }) => [
      name,
      one.domain,
      one.method,
      String(one.seed),
      formatCompact(one.pretrainingTokens),
      formatCompact(one.domainTokens),
      before === undefined ? '–' : formatPerplexity(before.perplexity),
      one.phase === 'after fine-tuning' ? formatPerplexity(one.perplexity) : '–',
      formatPerplexity(one.validationPerplexity),
      `${formatFlops(one.genericFlops)}, ${formatSeconds(one.genericSeconds)}`,
      `${formatFlops(one.specializationFlops)}, ${formatSeconds(one.specializationSeconds)}`,
    ]),
  );
}

function beforeOf(after: Measurement, all: readonly Measurement[]): Measurement | undefined {
  return all.find((one) => one.phase === 'before fine-tuning' && isSamePretraining(one, after));
}

function isTuned(before: Measurement, all: readonly Measurement[]): boolean {
  return all.some((one) => one.phase === 'after fine-tuning' && isSamePretraining(one, before));
}

function isSamePretraining(one: Measurement, other: Measurement): boolean {
  return (
    one.domain === other.domain &&
    one.method === other.method &&
    one.seed === other.seed &&
    one.pretrainingTokens === other.pretrainingTokens &&
    isOfSameSet(one, other)
  );
}

/** Where a model was pretrained for an in-domain set, only what was fine-tuned on that set comes from it. */
function isOfSameSet(one: Measurement, other: Measurement): boolean {
  const before = [one, other].find(({ phase }) => phase === 'before fine-tuning');
  return (
    before?.requestedDomainTokens === undefined || one.requestedDomainTokens === other.requestedDomainTokens
  );
}

function differenceTable(compared: readonly ComparedRun[], names: readonly string[], t: Translate): string {
  const flat = compared.map(({ configuration }) => flatten(configuration));
  const paths = [...new Set(flat.flatMap((one) => [...one.keys()]))].sort();
  const differing = paths.filter((path) => new Set(flat.map((one) => one.get(path))).size > 1);
  if (differing.length === 0) return t('None: they were configured alike.');
  return table(
    [t('setting'), ...names],
    differing.map((path) => [path, ...flat.map((one) => one.get(path) ?? '–')]),
  );
}

/** Leaves by their path; a list of plain values is one leaf. */
function flatten(value: Json, path = ''): Map<string, string> {
  const isPlain = value === null || typeof value !== 'object';
  if (isPlain || Array.isArray(value)) return new Map([[path, JSON.stringify(value)]]);
  const below = Object.entries(value).flatMap(([key, inner]) => [
    ...flatten(inner, path === '' ? key : `${path}.${key}`),
  ]);
  return new Map(below);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = line(head.map(() => '---'));
  return [line(head), rule, ...rows.map((row) => line(row.map(escapeMarkdown)))].join('\n');
}
