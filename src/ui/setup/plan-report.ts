/** The planner's answer as Markdown, from the lines of `parlance plan --json` with budgets; pure. */
import * as z from 'zod';
import { pretrainingFigure } from '../../budget/pretraining-words.ts';
import { formatCount, formatPerplexity, formatPlural, formatRange } from '../../common/format.ts';
import { methodInWords } from '../../methods/titles.ts';
import { plain, table } from './machine-report.ts';

const candidateSchema = z.object({
  method: z.string(),
  title: z.string(),
  basis: z.enum(['measured', 'interpolated', 'predicted']),
  perplexity: z.number(),
  low: z.number(),
  high: z.number(),
  seeds: z.number().optional(),
  pretrainingTokens: z.number(),
  domainTokens: z.number(),
});
const answerSchema = z.object({
  type: z.literal('recommendation'),
  view: z.string(),
  candidates: z.array(candidateSchema),
  excluded: z.array(z.object({ method: z.string(), title: z.string(), reasons: z.array(z.string()) })),
  unmeasured: z.array(z.string()),
  recommendation: z.object({ method: z.string().optional(), sentence: z.string() }),
  next: z.array(z.object({ sentence: z.string() })),
  words: z.object({ budgets: z.string(), prediction: z.string(), sources: z.string().optional() }),
});
type Answer = z.infer<typeof answerSchema>;
const withoutAdviceSchema = z.object({
  type: z.literal('no recommendation'),
  view: z.string(),
  words: z.object({ sources: z.string() }),
});
const checksSchema = z.object({ type: z.literal('left-out domains'), words: z.string().optional() });

/** `undefined` when the lines hold no answer. */
export function planReport(lines: readonly object[]): string | undefined {
  const answers = linesOf(answerSchema, lines);
  const withoutAdvice = linesOf(withoutAdviceSchema, lines);
  const [first, ...others] = answers;
  if (first === undefined) return undefined;
  const checks = linesOf(checksSchema, lines).at(0);
  return [
    '# Which method for your budgets?',
    `Within ${plain(first.words.budgets)} (${plain(first.view)}):`,
    `> **${plain(first.recommendation.sentence)}**`,
    ...(first.candidates.length === 0 ? [] : ['## Within the budgets', candidateTable(first)]),
    ...section(
      '## Not within the budgets',
      first.excluded.map(
        ({ method, title, reasons }) =>
          `**${methodInWords(method, title)}**: ${reasons.map(plain).join(' ')}`,
      ),
    ),
    ...section(
      '## Not measured',
      first.unmeasured.map((id) => methodInWords(id)),
    ),
    ...section(
      '## What to run next',
      first.next.map(({ sentence }) => plain(sentence)),
    ),
    ...section('## By domain', others.filter(({ words }) => words.sources === undefined).map(inDomain)),
    ...section('## Domains that were not measured', [
      ...others.filter(({ words }) => words.sources !== undefined).map(inDomain),
      ...withoutAdvice.map(({ view, words }) => `**${plain(view)}**: ${plain(words.sources)}`),
    ]),
    '## How far predictions can be trusted',
    plain(first.words.prediction),
    ...(checks?.words === undefined ? [] : [plain(checks.words)]),
    '',
  ].join('\n\n');
}

function linesOf<Line>(schema: z.ZodType<Line>, lines: readonly object[]): readonly Line[] {
  return lines.flatMap((line) => {
    const parsed = schema.safeParse(line);
    return parsed.success ? [parsed.data] : [];
  });
}

function inDomain({ view, recommendation: { sentence }, words: { sources } }: Answer): string {
  return `**${plain(view)}**: ${plain(sentence)}${sources === undefined ? '' : ` ${plain(sources)}`}`;
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [title, items.map((item) => `- ${item}`).join('\n')];
}

function candidateTable({ candidates, recommendation }: Answer): string {
  const rows = candidates.map((one) => [
    `${methodInWords(one.method, one.title)}${one.method === recommendation.method ? ' ✓' : ''}`,
    formatPerplexity(one.perplexity),
    one.low < one.high ? formatRange(one.low, one.high) : '',
    one.basis === 'measured' && one.seeds !== undefined
      ? `measured, ${formatPlural(one.seeds, 'seed')}`
      : one.basis,
    pretrainingFigure(one),
    one.domainTokens === 0 ? 'not used' : formatCount(one.domainTokens),
  ]);
  const titles = ['Method', 'Perplexity', 'Range', 'Basis', 'Pretraining tokens', 'In-domain tokens'];
  return table(titles, rows);
}
