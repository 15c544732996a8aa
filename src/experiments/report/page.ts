/**
 * The report as one HTML file: styles and charts inside, no script, and a policy that forbids every request, so
 * that it can be mailed, archived and opened anywhere without anything leaving the machine.
 */
import { escapeHtml } from '../../charts/escape.ts';
import { chartStyles } from '../../charts/styles.ts';
import { tableHtml } from '../../charts/table.ts';
import { formatPlural, formatTime } from '../../common/format.ts';
import type { Answer } from '../results/answer.ts';
import { answerCard, type CardFact } from '../results/answer-card.ts';
import type { ExperimentResults } from '../results/results.ts';
import { figureStyles, figuresHtml } from './figures.ts';
import { pageStyles } from './page-styles.ts';
import type { Section } from './section.ts';
import {
  answerParagraphs,
  type Content,
  contentOf,
  SETTINGS_TITLE,
  sectionsAfterCurves,
} from './sections.ts';

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function reportHtml(results: ExperimentResults): string {
  const content = contentOf(results);
  const title = escapeHtml(content.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title} – Parlance report</title>
<style>${pageStyles()}${chartStyles()}
${figureStyles(results, content.views)}</style>
</head>
<body>
<a class="skip" href="#answer">Skip to the answer</a>
<header>
<p class="kicker">Parlance experiment report</p>
<h1>${title}</h1>
<p class="meta">${escapeHtml(metaLine(results))}</p>
</header>
<main>
${answerHtml(content)}
<nav aria-label="Contents"><ul>${contentsHtml(content)}</ul></nav>
${sectionHtml(content.comparison)}
${content.views.length === 0 ? '' : figuresHtml(results, content.views)}
${sectionsAfterCurves(content).map(sectionHtml).join('\n')}
${repeatHtml(content)}
</main>
<footer><p>Written by Parlance ${escapeHtml(results.versions.parlance)}. This file is complete in itself: it loads nothing and runs no script.</p></footer>
</body>
</html>
`;
}

function metaLine(results: ExperimentResults): string {
  const domains = new Set(results.measurements.map(({ domain }) => domain)).size;
  return [
    `Finished ${formatTime(results.finished)}`,
    formatPlural(domains, 'domain'),
    formatPlural(results.methods.length, 'method'),
    formatPlural(results.seeds.length, 'seed'),
  ].join(' · ');
}

function answerHtml(content: Content): string {
  const [first, ...others] = answerParagraphs(content);
  const rest = others.map((answer) => `<li>${escapeHtml(answer)}</li>`).join('\n');
  return [
    '<section id="answer" class="answer" aria-labelledby="answer-title">',
    ...(content.answers.length === 0 ? ['<h2 id="answer-title">Answer</h2>'] : cardHtml(content.answers[0])),
    `<p>${escapeHtml(first)}</p>`,
    rest === '' ? '' : `<ul>${rest}</ul>`,
    '</section>',
  ].join('\n');
}

function cardHtml(answer: Answer): readonly string[] {
  const { title, certainty, facts } = answerCard(answer);
  const word = certainty === undefined ? '' : ` <span class="certainty">${certainty.word}</span>`;
  return [
    `<h2 id="answer-title">${escapeHtml(title)}${word}</h2>`,
    certainty === undefined ? '' : `<p class="lead">${escapeHtml(certainty.sentence)}</p>`,
    `<dl class="facts">${facts.map(factHtml).join('')}</dl>`,
  ];
}

function factHtml({ name, value, detail, explanation }: CardFact): string {
  const hover = explanation === undefined ? '' : ` title="${escapeHtml(explanation)}"`;
  return `<div${hover}><dt>${name}</dt><dd><strong>${escapeHtml(value)}</strong> <small>${escapeHtml(detail)}</small></dd></div>`;
}

function contentsHtml(content: Content): string {
  const curves = content.views.length === 0 ? [] : [{ id: 'curves', title: 'Curves' }];
  const entries = [
    content.comparison,
    ...curves,
    ...sectionsAfterCurves(content),
    { id: 'repeat', title: 'Repeat it' },
  ];
  return entries.map(({ id, title }) => `<li><a href="#${id}">${title}</a></li>`).join('');
}

function sectionHtml(section: Section): string {
  return [
    `<section id="${section.id}" aria-labelledby="${section.id}-title">`,
    `<h2 id="${section.id}-title">${section.title}</h2>`,
    ...section.notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`),
    ...section.tables.map(tableHtml),
    ...section.folded.map(
      (table) =>
        `<details><summary>${escapeHtml(table.caption)} (${formatPlural(table.rows.length, 'line')})</summary>${tableHtml(table)}</details>`,
    ),
    '</section>',
  ].join('\n');
}

function repeatHtml({ command, configuration }: Content): string {
  return [
    '<section id="repeat" aria-labelledby="repeat-title">',
    '<h2 id="repeat-title">Repeat it</h2>',
    codeHtml('Command', command),
    `<details><summary>${SETTINGS_TITLE}</summary>${codeHtml('Effective settings', configuration)}</details>`,
    '</section>',
  ].join('\n');
}

function codeHtml(name: string, code: string): string {
  return `<pre class="scroll" tabindex="0" role="group" aria-label="${name}"><code>${escapeHtml(code)}</code></pre>`;
}
