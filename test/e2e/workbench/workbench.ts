/**
 * A real VS Code window in Chromium, offline, and the hands of a person on it: the palette, quick picks, trees, editors,
 * panels. Whatever can be read from a file or a tree is waited for there; notifications go away by themselves.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Frame, type Locator, type Page } from 'playwright-core';
import { chromiumPath } from '../../../scripts/chromium.mjs';
import { HANG_MS, until } from '../../support/waiting.ts';
import { isSeen, QuickInput } from './quick-input.ts';
import { Server, type ServerOptions } from './server.ts';
import { webviewOf } from './webviews.ts';

const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** The four kinds of themes: one of each as the editor lists it, and the class that the window has then. */
export const themes = {
  dark: { label: 'Dark Modern', type: 'vs-dark' },
  light: { label: 'Light Modern', type: 'vs' },
  'high-contrast': { label: 'Dark High Contrast', type: 'hc-black' },
  'high-contrast-light': { label: 'Light High Contrast', type: 'hc-light' },
} as const;
export type ThemeName = keyof typeof themes;

export class Workbench extends QuickInput {
  readonly server: Server;
  /** Addresses outside this machine that were asked for. */
  readonly requestsOutside: string[] = [];
  /** What the browser's console said about content security policies. */
  readonly policyViolations: string[] = [];
  readonly #browser: Browser;

  /** Starts the server and the browser; `open` shows a folder. */
  static async start(options: ServerOptions): Promise<Workbench> {
    const server = new Server(options);
    try {
      const [browser] = await Promise.all([
        chromium.launch({ executablePath: chromiumPath, headless: true, args: browserArguments }),
        server.start(),
      ]);
      const permissions = ['clipboard-read', 'clipboard-write'];
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions });
      return new Workbench(server, browser, await context.newPage());
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  private constructor(server: Server, browser: Browser, page: Page) {
    super(page);
    this.server = server;
    this.#browser = browser;
    page.context().on('request', (request) => {
      const { protocol, hostname, href } = new URL(request.url());
      // The webviews' own addresses are answered by their service worker and never sent.
      const inside = hostname === '127.0.0.1' || hostname.endsWith('.vscode-resource.vscode-cdn.net');
      if (/^(http|ws)/.test(protocol) && !inside) this.requestsOutside.push(href);
    });
    page.on('console', (message) => {
      if (/Content[ -]Security[ -]Policy/i.test(message.text())) this.policyViolations.push(message.text());
    });
    page.setDefaultTimeout(HANG_MS);
  }

  /** Shows a folder, or no folder, and waits until the window can be used. */
  async open(folder?: string): Promise<void> {
    const query = folder === undefined ? 'ew=true' : `folder=${encodeURIComponent(folder)}`;
    await this.page.goto(`${this.server.origin}/?${query}`);
    await this.#ready();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.#ready();
  }

  /** Closes the window but not the server: what the extension started detached goes on. */
  async leave(): Promise<void> {
    await this.page.goto('about:blank');
  }

  /** Ends everything; returns the command lines of what the extension had left running. */
  async close(): Promise<string[]> {
    await this.#browser.close();
    return this.server.stop();
  }

  /** Shows the views of an entry of the activity bar. A window that restores itself may open them under the click, which then closes them. */
  async openContainer(name: string): Promise<void> {
    const entry = this.page.locator(`.activitybar .action-item a[aria-label^="${name}"]`);
    // The item, not its icon: a badge may lie on the icon.
    const item = entry.locator('xpath=..');
    const isShown = async () => /\bchecked\b/.test((await item.getAttribute('class')) ?? '');
    await until(`${name} shows`, async () => {
      if (!(await isShown())) await item.click();
      return (await isSeen(this.page.locator('.sidebar .pane-header').first())) && isShown();
    });
  }

  /** The pane of a view, opened. */
  async view(name: string): Promise<Locator> {
    const header = this.page.locator(`.pane-header[aria-label^="${name}"]`).first();
    await header.waitFor();
    if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
    return this.page.locator('.pane', { has: header });
  }

  /** Folds a view, which leaves its room to the others. */
  async fold(name: string): Promise<void> {
    const header = this.page.locator(`.pane-header[aria-label^="${name}"]`).first();
    if ((await header.getAttribute('aria-expanded')) === 'true') await header.click();
  }

  /** Drags the thumb of a slider to a fraction of its length; `during` is done before the button goes up. */
  async drag(slider: Locator, to: number, during: () => Promise<void> = async () => {}): Promise<void> {
    const box = await slider.boundingBox();
    if (box === null) throw new Error('the slider is not in sight');
    const from = await slider.evaluate((own: HTMLInputElement) => {
      const [low, high] = [Number(own.min), Number(own.max)];
      return (own.valueAsNumber - low) / (high - low);
    });
    const thumb = 16;
    const x = (fraction: number) => box.x + thumb / 2 + fraction * (box.width - thumb);
    const y = box.y + box.height / 2;
    await this.page.mouse.move(x(from), y);
    await this.page.mouse.down();
    await this.page.mouse.move(x(to), y, { steps: 20 });
    await during();
    await this.page.mouse.up();
  }

  /** A row of a tree view that contains the text. */
  async row(view: string, text: string | RegExp): Promise<Locator> {
    return (await this.view(view)).locator('.monaco-list-row').filter({ hasText: text }).first();
  }

  /** The rows of a tree view that are in sight: label and description, with a space between. */
  async rows(view: string): Promise<string[]> {
    const rows = (await this.view(view)).locator('.monaco-list-row');
    return rows.evaluateAll((found) =>
      found.map((row) =>
        [...row.querySelectorAll('.label-name, .label-description')]
          .map(({ textContent }) => textContent ?? '')
          .join(' '),
      ),
    );
  }

  /** The row of a file in the explorer, by its path in the folder; folders on the way are opened. */
  async fileRow(path: string): Promise<Locator> {
    await this.openContainer('Explorer');
    const tree = this.page.locator('.explorer-folders-view');
    const rowOf = (name: string) =>
      tree
        .locator('.monaco-list-row')
        .filter({ has: this.page.getByText(name, { exact: true }) })
        .first();
    const names = path.split('/');
    const name = names.pop() ?? path;
    await tree.hover();
    await this.page.mouse.wheel(0, -100_000);
    for (const folder of names) {
      const row = rowOf(folder);
      await row.waitFor();
      if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
    }
    // Only rows in sight exist.
    await until(`${name} is in sight`, async () => {
      if ((await rowOf(name).count()) > 0) return true;
      await this.page.mouse.wheel(0, 300);
      return false;
    });
    return rowOf(name);
  }

  /** The letters that stand behind a file in the explorer; empty when it has none. */
  async badge(path: string): Promise<string> {
    const row = await this.fileRow(path);
    return row.evaluate((own) => {
      const contents = [...own.querySelectorAll('*')].map(
        (part) => getComputedStyle(part, '::after').content,
      );
      return contents.map((content) => /^"([^"]+)"$/.exec(content)?.[1] ?? '').join('');
    });
  }

  /** Opens a row's context menu and chooses an entry, through submenus. */
  async chooseFromMenu(row: Locator, ...entries: readonly string[]): Promise<void> {
    const label = (entry: string) =>
      this.page.locator('.context-view .action-label', { hasText: entry }).first();
    // The editor knows only some seconds after its start that the folder is trusted: till then, entries are grey.
    await until(`${entries[0]} can be chosen`, async () => {
      await row.click({ button: 'right' });
      if (!(await label(entries[0]).evaluate((one) => one.closest('.disabled') !== null))) return true;
      await this.page.keyboard.press('Escape');
      return false;
    });
    for (const entry of entries) {
      await label(entry).hover();
      // A menu takes no button that goes up at once: it may be the one that opened it.
      await label(entry).click({ delay: 150 });
    }
  }

  /** The notification that contains the text, once it is there. */
  async notification(text: string | RegExp): Promise<Locator> {
    const toast = this.page.locator('.notification-toast').filter({ hasText: text }).first();
    await toast.waitFor();
    return toast;
  }

  /** Presses a button of the notification that contains the text. */
  async pressInNotification(text: string | RegExp, button: string): Promise<void> {
    await (await this.notification(text)).locator('.monaco-button', { hasText: button }).click();
  }

  /** Presses a button of the dialog at hand. */
  async confirm(button: string): Promise<void> {
    await this.page.locator('.monaco-dialog-box .monaco-button', { hasText: button }).first().click();
  }

  /** What Problems says, a line a problem. */
  async problems(): Promise<string[]> {
    await this.command('Problems: Focus on Problems View');
    const rows = this.page.locator('.markers-panel .monaco-list-row');
    return (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  }

  /** The first place in the editor where a text is shown. */
  text(text: string): Locator {
    return this.page.locator('.editor-instance .view-line span', { hasText: text }).last();
  }

  /** What the editor says about a text when the mouse rests on it. */
  async hover(text: string): Promise<string> {
    await this.text(text).hover();
    const content = this.page.locator('.monaco-hover:visible .monaco-hover-content').first();
    await content.waitFor();
    return content.innerText();
  }

  /** The pictures in the gutter of the editor, as addresses. */
  async gutterMarks(): Promise<string> {
    const marks = this.page.locator('.editor-instance .glyph-margin-widgets > *');
    const pictures = await marks.evaluateAll((found) =>
      found.map((mark) => getComputedStyle(mark).backgroundImage),
    );
    return pictures.join();
  }

  codeLens(text: string | RegExp): Locator {
    return this.page.locator('.codelens-decoration a').filter({ hasText: text }).first();
  }

  statusBar(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item').filter({ hasText: text }).first();
  }

  /** The document of the webview in sight that has `selector` with `text`. */
  webview(selector: string, text: string | RegExp = ''): Promise<Frame> {
    return webviewOf(this.page, selector, text);
  }

  async theme(name: ThemeName): Promise<void> {
    const { label, type } = themes[name];
    await this.command('Preferences: Color Theme');
    await this.choicesWith('Modern').first().waitFor();
    await this.answer(label);
    await this.page.locator(`.monaco-workbench.${type}`).waitFor();
  }

  /** Puts the mouse away and saves a picture. */
  async screenshot(folder: string, name: string): Promise<void> {
    mkdirSync(folder, { recursive: true });
    await this.page.mouse.move(0, 0);
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  async #ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar .statusbar-item').first().waitFor();
    await this.page.locator('.activitybar .action-item').first().waitFor();
  }
}
