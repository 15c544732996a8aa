/** The first chart of a panel as a file, and what a browser makes of such a file. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Frame } from 'playwright-core';
import { until } from '../../support/waiting.ts';
import type { Workbench } from './workbench.ts';

/** Exports it into a folder; returns the path of the file. */
export async function exportedChart(
  workbench: Workbench,
  panel: Frame,
  folder: string,
  format: 'SVG' | 'PNG' | 'CSV',
): Promise<string> {
  // The charts are drawn anew when a slider rests, and a button that is replaced while it is pressed does nothing.
  await until('the question where to', async () => {
    await panel.locator('.exports').first().getByText(format).click();
    return workbench.isAsked();
  });
  const file = join(folder, `chart.${format.toLowerCase()}`);
  await workbench.answerPath(file);
  await until('the file', () => existsSync(file));
  return file;
}

/** Opens a picture by itself: what it is, its width in pixels, and of a drawing how many shapes it has. */
export async function openedPicture(workbench: Workbench, file: string) {
  const page = await workbench.page.context().newPage();
  await page.goto(pathToFileURL(file).href);
  const found = await page.evaluate(() => {
    const picture = document.querySelector('img');
    const root = document.documentElement;
    return picture === null
      ? {
          name: root.nodeName,
          width: root.getBoundingClientRect().width,
          shapes: root.querySelectorAll('path, circle').length,
        }
      : { name: 'img', width: picture.naturalWidth, shapes: 0 };
  });
  await page.close();
  return found;
}
