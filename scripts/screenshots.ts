/**
 * `npm run screenshots`: every view of the packaged extension in four themes, as PNG, in docs/images or the folder given
 * with `-- --to <folder>`. Needs `npm run package` and the set-up of `npm test -- e2e` before. What is shown is measured:
 * a small experiment is run first.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packagedExtension } from '../test/e2e/workbench/packaged.ts';
import { type ThemeName, themes, Workbench } from '../test/e2e/workbench/workbench.ts';
import { microExperiment, TemporaryFolder } from '../test/e2e/workbench/workspace.ts';
import { until } from '../test/support/waiting.ts';
import { root } from './setup.mjs';

const { values } = parseArgs({ options: { to: { type: 'string', default: join(root, 'docs', 'images') } } });
const methods = ['slm-nopt', 'slm', 'slm-is', 'llm'];
const mistaken = { ...microExperiment, methods: ['slm', 'slmm'], seeds: [] };

const folders = new TemporaryFolder();
const workbench = await Workbench.start({ vsix: packagedExtension() });
try {
  const broken = folders.workspace('broken', mistaken);
  await workbench.open(folders.workspace('notes', { ...microExperiment, name: 'notes', methods }));
  await runAll();
  await label();
  await inEachTheme('sidebar-and-labels', () => workbench.openContainer('Parlance'));
  await inEachTheme('tradeoffs', () => openPanel('Parlance: Open Budget Trade-Offs', '#answer-title'));
  await inEachTheme('perplexity', () => openPanel('Parlance: Open Perplexity', 'svg, canvas'));
  // Without the side bar there is room for a step's picture.
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await inEachTheme('walkthrough', openWalkthrough);
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await inEachTheme('wizard', openWizard);
  await workbench.open(broken);
  await workbench.openFile('parlance.json');
  await inEachTheme('problems', async () => {
    await workbench.problems();
  });
} finally {
  await workbench.close();
  folders.remove();
}

async function runAll(): Promise<void> {
  await workbench.openContainer('Parlance');
  await workbench.command('Parlance: Run Experiment');
  const isDone = async () => {
    const rows = await workbench.rows('Experiments');
    return methods.every((method) => rows.some((row) => row.includes(`(${method}) finished`)));
  };
  await until('all methods are finished', isDone, 300_000);
}

async function label(): Promise<void> {
  await workbench.openFile('docs/npm-ci.md');
  const line = workbench.page.locator('.editor-instance .view-line', { hasText: 'differences' });
  await line.first().click({ clickCount: 3 });
  await workbench.command('Parlance: Label as Held-Out');
  await workbench.codeLens(/held-out passage/).waitFor();
  // The selection would hide the tint.
  await workbench.page.keyboard.press('Control+Home');
}

async function openPanel(command: string, selector: string): Promise<void> {
  await workbench.command('View: Close All Editors');
  await workbench.command(command);
  await workbench.webview(selector);
}

async function openWalkthrough(): Promise<void> {
  await workbench.command('View: Close All Editors');
  await workbench.command('Welcome: Open Walkthrough');
  await workbench.pick('Find the best small language model');
  await workbench.page.locator('.getting-started-step').first().waitFor();
}

async function openWizard(): Promise<void> {
  await workbench.command('Parlance: Create Experiment');
  await workbench.pressInNotification('parlance.json', 'Change It');
  await workbench.choices();
}

/** Brings a view up in each theme anew, because a change of theme closes lists that are open. */
async function inEachTheme(name: string, show: () => Promise<void>): Promise<void> {
  for (const theme of Object.keys(themes) as ThemeName[]) {
    await workbench.page.keyboard.press('Escape');
    await workbench.theme(theme);
    await show();
    await workbench.page.mouse.move(0, 0);
    // Charts are drawn once they know their size, and hovers go.
    await workbench.page.waitForTimeout(800);
    await workbench.screenshot(values.to, `${name}-${theme}`);
    console.log(`${name}-${theme}.png`);
  }
}
