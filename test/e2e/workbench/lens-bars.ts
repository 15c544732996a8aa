/** What the perplexity lens shows of the lines in sight, as the browser has it. */
import type { Page } from 'playwright-core';

/** Width of the bar before each line of the editor, in pixels; 0 where there is none. */
export async function barsOfLines(page: Page): Promise<ReadonlyMap<string, number>> {
  const found = await page
    .locator('.editor-instance')
    .first()
    .evaluate((editor) => {
      const widths = new Map<string, number>();
      for (const overlay of editor.querySelectorAll<HTMLElement>('.view-overlays > div')) {
        const bars = [...overlay.children].map((part) =>
          Number.parseFloat(getComputedStyle(part).borderLeftWidth),
        );
        widths.set(overlay.style.top, Math.max(0, ...bars));
      }
      return [...editor.querySelectorAll<HTMLElement>('.view-line')].map((line): [string, number] => [
        // The editor shows spaces as such that do not break.
        (line.textContent ?? '').replaceAll('\u00a0', ' '),
        widths.get(line.style.top) ?? 0,
      ]);
    });
  return new Map(found);
}
