/** The one item of the status bar; a click leads to the runs. Hidden where there is no experiment. */
import { type Disposable, l10n, StatusBarAlignment, window } from 'vscode';
import type { AllRuns } from './all-runs.ts';
import { statusText } from './status-text.ts';

export function registerStatusBar(runs: AllRuns): Disposable[] {
  const item = window.createStatusBarItem('parlance.runs', StatusBarAlignment.Left, 0);
  item.name = l10n.t('Parlance: runs');
  item.command = 'parlance.showRuns';
  const update = runs.onDidChange((known) => {
    if (known.length === 0) {
      item.hide();
      return;
    }
    const { text, tooltip, spoken } = statusText(runs.all, l10n.t);
    if (item.text !== text) item.text = text;
    if (item.tooltip !== tooltip) item.tooltip = tooltip;
    item.accessibilityInformation = { label: spoken };
    item.show();
  });
  return [item, update];
}
