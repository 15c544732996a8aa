/**
 * The charts' style sheet. Each colour is looked up in three steps: a `--chart-*` variable that the page may set,
 * VS Code's variable, a colour for white paper; those of the series are the page's, or for white paper. Meaning never hangs on colour alone: every line also has a marker
 * shape and a label at its end, in the text's colour.
 */

/** Colours of the twelve series on a light and on a dark background; each has a contrast of 3 to 1 or more. */
export const SERIES_COLOURS: readonly { readonly light: string; readonly dark: string }[] = [
  { light: '#1f5fa8', dark: '#7fb2f0' },
  { light: '#6a6f7a', dark: '#aab0bc' },
  { light: '#8a5a00', dark: '#e0b45c' },
  { light: '#7b3fa0', dark: '#c9a0e8' },
  { light: '#b3261e', dark: '#f28b82' },
  { light: '#00705a', dark: '#5fc9ae' },
  { light: '#b5480b', dark: '#f2a06b' },
  { light: '#a02a6e', dark: '#f08cc0' },
  { light: '#4d6b12', dark: '#b3cf6a' },
  { light: '#0b7285', dark: '#5cc8dc' },
  { light: '#6b4a3a', dark: '#cdab97' },
  { light: '#4038b8', dark: '#a9a4f5' },
];

/**
 * The series' colours as declarations, for a page of that theme. Weighed: the editor's own colours; there are no twelve that
 * every theme tells apart.
 */
export function seriesVariables(theme: 'light' | 'dark'): string {
  return SERIES_COLOURS.map((colours, index) => `--chart-series-${index + 1}: ${colours[theme]};`).join(' ');
}

/** Rules for everything that `drawChart` draws. */
export function chartStyles(): string {
  const series = SERIES_COLOURS.map(
    ({ light }, index) =>
      `.chart .series-${index + 1} { --colour: var(--chart-series-${index + 1}, ${light}); }`,
  );
  return `
.chart { display: block; width: 100%; height: auto; overflow: visible; }
.chart text { font: 13px var(--vscode-font-family, system-ui, sans-serif); fill: var(--chart-text, var(--vscode-foreground, #1b1f27)); font-variant-numeric: tabular-nums; }
.chart .tick, .chart .axis-title { fill: var(--chart-quiet, var(--vscode-descriptionForeground, #5a6270)); }
.chart .label { font-weight: 600; }
.chart path { fill: none; }
.chart .grid { stroke: var(--chart-grid, #dadee5); }
.chart .axis { stroke: var(--chart-quiet, var(--vscode-descriptionForeground, #5a6270)); }
${series.join('\n')}
.chart .line { stroke: var(--colour); stroke-width: 2; stroke-linejoin: round; }
.chart .over-break { stroke-width: 1.4; stroke-dasharray: 5 4; }
.chart .lead-to-label { stroke: var(--colour); stroke-width: 1; }
.chart .front { stroke: var(--chart-text, var(--vscode-foreground, #1b1f27)); stroke-width: 1.5; stroke-dasharray: 2 3; }
.chart .whisker { stroke: var(--colour); stroke-width: 1.4; }
.chart .marker { fill: var(--colour); stroke: var(--chart-paper, var(--vscode-editor-background, #ffffff)); stroke-width: 1; }
.chart .hollow.marker { fill: var(--chart-paper, var(--vscode-editor-background, #ffffff)); stroke: var(--colour); stroke-width: 2; }
.chart .hollow.whisker { stroke-dasharray: 3 3; }
.chart .bar { fill: var(--colour); stroke: var(--colour); stroke-width: 1.5; }
.chart .bar.plain { --colour: var(--chart-quiet, var(--vscode-descriptionForeground, #5a6270)); }
.chart .bar.hollow { fill: none; }
.chart .bar-whisker { stroke: var(--chart-text, var(--vscode-foreground, #1b1f27)); stroke-width: 1.2; }
.chart .detail { font-size: 11px; }
.chart .ring { fill: none; stroke: var(--chart-text, var(--vscode-foreground, #1b1f27)); stroke-width: 1.5; }
.chart .limit path { stroke: var(--chart-text, var(--vscode-foreground, #1b1f27)); stroke-width: 1.2; stroke-dasharray: 6 4; }
.chart .region { fill: var(--colour); fill-opacity: 0.55; shape-rendering: crispEdges; }
.chart .region.pale { fill-opacity: 0.25; }
.chart .region.plain { --colour: var(--chart-quiet, var(--vscode-descriptionForeground, #5a6270)); }
.chart .stripes { stroke: var(--chart-paper, var(--vscode-editor-background, #ffffff)); stroke-dasharray: 3 4; }
.chart .faint { opacity: 0.35; }
.chart .label.out { font-weight: 400; text-decoration: line-through; fill: var(--chart-quiet, var(--vscode-descriptionForeground, #5a6270)); }
@media (forced-colors: active) {
  .chart text { fill: CanvasText; }
  .chart .grid, .chart .axis, .chart .front { stroke: GrayText; }
  .chart [class*='series-']:not(.region) { --colour: CanvasText; }
  .chart .region { forced-color-adjust: none; }
}`;
}
