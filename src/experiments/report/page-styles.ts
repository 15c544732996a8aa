/** The report's style sheet: light and dark by the reader's preference, printable, legible down to 320 pixels. */
import { seriesVariables } from '../../charts/styles.ts';

/** Colours of text and lines. Text has a contrast of 4.5 to 1 or more on its background. */
const LIGHT =
  '--paper: #ffffff; --raised: #f6f7f9; --text: #1b1f27; --quiet: #565e6c; --rule: #d9dde3; --grid: #e6e9ee; --accent: #1f5fa8; --tint: #eef4fb;';
const DARK =
  '--paper: #15181d; --raised: #1d2128; --text: #e7eaf0; --quiet: #a3abb9; --rule: #363c47; --grid: #2b303a; --accent: #7fb2f0; --tint: #1b2735;';

export function pageStyles(): string {
  return `
:root { color-scheme: light dark; ${LIGHT} ${seriesVariables('light')}
  --chart-text: var(--text); --chart-quiet: var(--quiet); --chart-grid: var(--grid); --chart-paper: var(--paper); }
@media (prefers-color-scheme: dark) { :root { ${DARK} ${seriesVariables('dark')} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
h1 { margin: 0; font-size: 2rem; line-height: 1.2; letter-spacing: -0.015em; }
h2 { margin: 0 0 0.75rem; font-size: 1.3rem; line-height: 1.3; letter-spacing: -0.01em; }
h3 { margin: 0; font-size: 1.05rem; line-height: 1.35; }
section { margin-top: 2.75rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
.kicker { margin: 0 0 0.35rem; color: var(--accent); font-size: 0.85rem; font-weight: 600; }
.meta, .note, .question, footer { color: var(--quiet); font-size: 0.9rem; }
.meta { margin: 0.5rem 0 0; }
.note { margin: 0 0 0.75rem; max-width: 46rem; }
.question { margin: 0.1rem 0 0; }
.answer { margin-top: 1.75rem; padding: 1.25rem 1.5rem; background: var(--tint); border-left: 4px solid var(--accent); border-radius: 4px; }
.answer h2 { margin-bottom: 0.35rem; }
.answer p { margin: 0; max-width: 48rem; }
.answer .lead { font-size: 1.1rem; }
.certainty { display: inline-block; margin-left: 0.35rem; padding: 0 0.6rem; border: 1px solid currentcolor; border-radius: 1rem; font-size: 0.85rem; font-weight: 400; vertical-align: 0.15rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11rem), 1fr)); gap: 0.5rem 1.5rem; margin: 0.85rem 0; }
.facts dt { font-size: 0.82rem; color: var(--quiet); }
.facts dd { margin: 0; }
.facts strong { font-size: 1.15rem; }
.answer ul { margin: 0.75rem 0 0; padding-left: 1.1rem; max-width: 48rem; font-size: 0.95rem; }
.answer li + li { margin-top: 0.4rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 1.25rem 0 0; padding: 0; list-style: none; font-size: 0.9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; min-width: 100%; margin: 1rem 0 1.5rem; font-size: 0.9rem; line-height: 1.4; }
caption { padding-bottom: 0.5rem; text-align: left; font-weight: 600; }
th, td { padding: 0.45rem 0.75rem; border-bottom: 1px solid var(--rule); vertical-align: top; text-align: left; font-weight: 400; }
th:first-child { padding-left: 0; }
thead th { vertical-align: bottom; border-bottom: 1.5px solid var(--quiet); color: var(--quiet); font-size: 0.82rem; }
tbody th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
thead .number { white-space: normal; }
small { display: block; color: var(--quiet); font-size: 0.82rem; font-weight: 400; }
td strong { font-weight: 700; }
td:has(strong) { background: var(--tint); }
.budget { margin-top: 1.5rem; padding: 1.25rem 1.5rem; border: 1px solid var(--rule); border-radius: 8px; }
.choices { display: flex; flex-wrap: wrap; gap: 0.25rem 2rem; }
fieldset { display: flex; flex-wrap: wrap; gap: 0.25rem 0.9rem; min-width: 0; margin: 0.75rem 0 0; padding: 0; border: 0; font-size: 0.88rem; }
legend { padding: 0; color: var(--quiet); font-size: 0.82rem; }
label { display: inline-flex; align-items: center; gap: 0.35rem; min-height: 24px; cursor: pointer; }
input { accent-color: var(--accent); margin: 0; width: 1rem; height: 1rem; }
figure { margin: 1.25rem 0 0; }
figure .chart { min-width: 32rem; max-width: 50rem; }
figcaption { margin-top: 0.75rem; max-width: 48rem; color: var(--quiet); font-size: 0.88rem; }
details { margin-top: 0.75rem; font-size: 0.95rem; }
summary { width: fit-content; min-height: 24px; cursor: pointer; color: var(--accent); font-size: 0.9rem; }
pre { margin: 0.75rem 0; padding: 0.85rem 1rem; background: var(--raised); border: 1px solid var(--rule); border-radius: 6px; font: 0.85rem/1.5 ui-monospace, 'Cascadia Mono', Menlo, monospace; }
footer { margin-top: 3rem; padding-top: 0.75rem; border-top: 1px solid var(--rule); }
@media (max-width: 40rem) {
  body { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  .answer { padding: 1rem; }
  .answer p { font-size: 1rem; }
  .budget { margin-inline: -1rem; padding: 1rem; border-inline: 0; border-radius: 0; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print {
  :root { ${LIGHT} ${seriesVariables('light')} }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, fieldset { display: none; }
  .scroll { overflow: visible; }
  .budget { border: 0; padding: 0; }
  figure .chart { min-width: 0; max-width: 15cm; }
  .budget, tr, pre { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
}`;
}
