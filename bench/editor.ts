/**
 * (e): what the editor waits for, each against less of the same in the same run: activating the extension against one
 * that does nothing, one more label in a long text with many against the first, redrawing a long curve against a short.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumPath } from '../scripts/chromium.mjs';
import { bundleExtension } from '../scripts/extension-bundle.mjs';
import { root } from '../scripts/setup.mjs';
import { labelOneMore, longText, manyPassages, openedText } from '../test/support/labelled-text.ts';
import { curvesMessages } from '../test/support/made-curves.ts';
import { openPanel, servePanels } from '../test/support/panels/panel-page.ts';
import { median } from './statistics.ts';

const ROUNDS = 15;
const child = fileURLToPath(new URL('activation.child.mjs', import.meta.url));
const run = promisify(execFile);

/** Medians of the rounds in milliseconds, and the median of the rounds' ratios. */
export interface EditorRatio {
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
}

export interface EditorBench {
  /** Processor time: that is what the extension takes from the others in its process. */
  readonly activation: EditorRatio;
  readonly labelling: EditorRatio;
  /** `undefined` without Chromium. */
  readonly redraw: EditorRatio | undefined;
}

export async function benchEditor(): Promise<EditorBench> {
  return { activation: await activation(), labelling: await labelling(), redraw: await redraw() };
}

/** Each in fresh processes, in turn: code that is loaded again is not loaded from disk. */
async function activation(): Promise<EditorRatio> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-activation-'));
  try {
    for (const { name, text } of await bundleExtension({ production: true })) {
      await writeFile(join(folder, name), text);
    }
    const nothing = join(folder, 'nothing.cjs');
    await writeFile(nothing, "require('vscode');\nexports.activate = () => {};\n");
    const activated = async (file: string) => Number((await run(process.execPath, [child, file])).stdout);
    return await inTurn(
      () => activated(join(folder, 'extension.cjs')),
      () => activated(nothing),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function labelling(): Promise<EditorRatio> {
  const text = longText();
  const many = manyPassages(text);
  const labelled = async (entries: typeof many): Promise<number> => {
    const tracker = openedText(text, entries);
    const began = performance.now();
    labelOneMore(text, entries, tracker);
    return performance.now() - began;
  };
  return inTurn(
    () => labelled(many),
    () => labelled([]),
  );
}

async function redraw(): Promise<EditorRatio | undefined> {
  if (!existsSync(chromiumPath)) return undefined;
  await run(process.execPath, [join(root, 'scripts', 'build.mjs'), '--production']);
  const served = await servePanels();
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const context = await browser.newContext({ viewport: { width: 1300, height: 900 } });
    const panelOf = async (points: number) => {
      const panel = await openPanel(context, served.origin, 'perplexity');
      await panel.send(...curvesMessages(points));
      return panel.page;
    };
    const [long, short] = [await panelOf(100_000), await panelOf(1000)];
    let position = 0;
    const redrawn = async (page: typeof long): Promise<number> => {
      await page.bringToFront();
      const smoothing = 1 + (position++ % 40);
      return page.evaluate(async (value) => {
        performance.clearMeasures('parlance-redraw');
        const slider = document.querySelector<HTMLInputElement>('.smoothing input, input.smoothing');
        if (slider === null) throw new Error('there is no slider');
        slider.value = `${value}`;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        for (;;) {
          const [measured] = performance.getEntriesByName('parlance-redraw');
          if (measured !== undefined) return measured.duration;
          await new Promise((done) => requestAnimationFrame(done));
        }
      }, smoothing);
    };
    return await inTurn(
      () => redrawn(long),
      () => redrawn(short),
    );
  } finally {
    await browser.close();
    served.close();
  }
}

async function inTurn(ours: () => Promise<number>, peer: () => Promise<number>): Promise<EditorRatio> {
  const rounds: (readonly [number, number])[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push([await ours(), await peer()]);
  return {
    ours: median(rounds.map(([one]) => one)),
    peer: median(rounds.map(([, other]) => other)),
    ratio: median(rounds.map(([one, other]) => one / other)),
  };
}
