/** The report as Markdown: the same answers and tables, and each chart as its sentence. */
import { escapeMarkdown, visible } from '../../charts/escape.ts';
import { figureInWords } from '../../charts/figures.ts';
import { chartGroups } from '../../charts/groups.ts';
import type { Table, TableCell } from '../../charts/table.ts';
import { MARKDOWN_MARK } from '../../corpus/sources/own-output.ts';
import type { ExperimentResults } from '../results/results.ts';
import type { Section } from './section.ts';
import { answerParagraphs, contentOf, SETTINGS_TITLE, sectionsAfterCurves } from './sections.ts';

export function reportMarkdown(results: ExperimentResults): string {
  const content = contentOf(results);
  const blocks = [
    `# ${escapeMarkdown(content.title)}`,
    ...answerParagraphs(content).map(escapeMarkdown),
    ...sectionBlocks(content.comparison),
    '## Curves',
    ...chartSentences(results).map((sentence) => `- ${escapeMarkdown(sentence)}`),
    ...sectionsAfterCurves(content).flatMap(sectionBlocks),
    '## Repeat it',
    codeBlock(content.command, 'sh'),
    `${SETTINGS_TITLE}:`,
    codeBlock(content.configuration, 'json'),
    MARKDOWN_MARK,
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Each question in its first unit, at every in-domain size; trade-offs with each number of domains and each cost. */
function chartSentences(results: ExperimentResults): readonly string[] {
  return contentOf(results).views.flatMap((view) =>
    chartGroups(results, view).flatMap(({ id, charts }) =>
      charts
        .filter(({ choice }) => choice === 0 || id === 'total' || id === 'domains' || id === 'map')
        .map(({ chart }) => figureInWords(chart)),
    ),
  );
}

function sectionBlocks(section: Section): readonly string[] {
  const tables = [...section.tables, ...section.folded];
  return [`## ${section.title}`, ...section.notes.map(escapeMarkdown), ...tables.flatMap(tableBlocks)];
}

/** Its caption, then its rows. */
export function tableBlocks(table: Table): readonly string[] {
  const lines = [
    row(table.columns.map(({ title }) => escapeMarkdown(title))),
    row(table.columns.map(({ align }) => (align === 'number' ? '---:' : '---'))),
    ...table.rows.map((cells) => row(cells.map(cellMarkdown))),
  ];
  return [`**${escapeMarkdown(table.caption)}**`, lines.join('\n')];
}

function cellMarkdown(cell: TableCell): string {
  const text = cell.best ? `**${escapeMarkdown(cell.text)}**` : escapeMarkdown(cell.text);
  return cell.detail === undefined ? text : `${text} (${escapeMarkdown(cell.detail)})`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A fence longer than any run of backticks in the text cannot be closed by it. */
export function codeBlock(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${visible(text)}\n${fence}`;
}
