/** Webviews come and go: one that was hidden stays for a moment beside the one that takes its place. */
import type { Frame, Page } from 'playwright-core';
import { until } from '../../support/waiting.ts';

/** So often in a row the same document is found before anybody lays hands on it. */
const LOOKS = 3;
const BETWEEN_LOOKS_MS = 100;

/**
 * The document of the webview in sight that has `selector` with `text`; looked for again until there is one that stays.
 * `before` is called with the number of each look.
 */
export function webviewOf(
  page: Page,
  selector: string,
  text: string | RegExp,
  before: (look: number) => Promise<void> = async () => {},
): Promise<Frame> {
  let look = 0;
  let inRow = 0;
  let last: Frame | undefined;
  return until(
    `a webview with ${selector} "${text}"`,
    async () => {
      await before(look++);
      const found = await webviewInSight(page, selector, text);
      inRow = found !== undefined && found === last ? inRow + 1 : 1;
      last = found;
      return inRow >= LOOKS && found;
    },
    BETWEEN_LOOKS_MS,
  );
}

async function webviewInSight(
  page: Page,
  selector: string,
  text: string | RegExp,
): Promise<Frame | undefined> {
  const inWebview = (frame: Frame) => /\/webview\/browser\/pre\/fake\.html/.test(frame.url());
  for (const frame of page.frames().filter(inWebview)) {
    const hits = await frame
      .locator(selector, { hasText: text })
      .count()
      .catch(() => 0);
    if (hits > 0 && (await isInSight(frame))) return frame;
  }
  return undefined;
}

/** The editor hides the frame around a webview, which the webview itself does not see. */
async function isInSight(webview: Frame): Promise<boolean> {
  const around = webview.parentFrame();
  if (around === null) return false;
  return around.frameElement().then(
    (element) => element.isVisible(),
    () => false,
  );
}
