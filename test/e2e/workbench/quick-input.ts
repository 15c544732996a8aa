/** Asking and answering by the input at the top of the window: the palette, quick open, quick picks and input boxes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame, Locator, Page } from 'playwright-core';
import { until } from '../../support/waiting.ts';
import { webviewOf } from './webviews.ts';

/** About half a minute. */
const LOOKS_BEFORE_AGAIN = 300;

export class QuickInput {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  protected get input(): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-box input');
  }

  protected choicesWith(text: string | RegExp): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text });
  }

  /** Runs a command through the palette, for example `Parlance: Create Experiment…`. A palette that was opened before the command was known does not learn of it, so it is opened again. */
  async command(title: string): Promise<void> {
    const choice = this.choicesWith(title).first();
    await until(`the command ${title}`, async () => {
      await this.ask('F1');
      if ((await this.type(`>${title}`)) && (await isSeen(choice)) && (await isPressed(choice))) return true;
      await this.page.keyboard.press('Escape');
      return false;
    });
  }

  /**
   * Opens a panel by its command and waits for its document. The command is given again when no panel shows for long: a
   * list that changes under the click runs another command, or none, and to open twice does no harm.
   */
  panel(title: string, selector: string, text: string | RegExp = ''): Promise<Frame> {
    return webviewOf(this.page, selector, text, async (look) => {
      if (look % LOOKS_BEFORE_AGAIN === 0) await this.command(title);
    });
  }

  /** Whether the palette offers a command. */
  async offers(title: string): Promise<boolean> {
    await this.ask('F1');
    await this.input.fill(`>${title}`);
    const answer = this.page.locator('.quick-input-list .monaco-list-row').first();
    await answer.waitFor();
    const offered = (await this.choicesWith(title).count()) > 0;
    await this.page.keyboard.press('Escape');
    await this.input.first().waitFor({ state: 'hidden' });
    return offered;
  }

  /** Opens a file of the folder, by its path in it. */
  async openFile(path: string): Promise<void> {
    const name = path.split('/').at(-1) ?? path;
    const tab = this.page.locator('.tab.active', { hasText: name });
    // By its whole name: what was open lately comes first, and the rows below move while the search goes on.
    const label = this.page.locator('.quick-input-list .monaco-list-row .label-name');
    const row = label.filter({ hasText: new RegExp(`^${name.replaceAll('.', '\\.')}$`) }).first();
    await until(`${name} opens`, async () => {
      await this.ask('Control+P');
      if (!(await this.type(path)) || !(await isSeen(row))) {
        await this.page.keyboard.press('Escape');
        return false;
      }
      await this.page.waitForTimeout(200);
      return (await isPressed(row)) && isSeen(tab);
    });
    await this.page.locator('.editor-instance .view-lines').first().waitFor();
  }

  /** Whether the text was taken: a window that restores its focus may close the input under one's hands. */
  protected async type(text: string): Promise<boolean> {
    return this.input.fill(text, { timeout: 3000 }).then(
      () => true,
      () => false,
    );
  }

  /** Shows a quick input by a key; the key is repeated, because a busy window may miss it. */
  protected async ask(key: string): Promise<void> {
    await until(`${key} shows an input`, async () => {
      await this.page.keyboard.press(key);
      return this.isAsked();
    });
  }

  /** Answers the quick pick at hand with the first choice that contains the text. */
  async pick(text: string | RegExp): Promise<void> {
    await this.choicesWith(text).first().click();
  }

  /** Ticks the choices with these labels and unticks all others in a quick pick of several, then accepts. */
  async pickMany(...labels: readonly string[]): Promise<void> {
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    if (!(await this.#tick(labels))) throw new Error('A pick of several ended while it was answered.');
    await this.page.keyboard.press('Enter');
  }

  /** Runs a command that asks for several, and answers it; asked again where something took the focus, which ends a pick. */
  async commandWith(title: string, ...labels: readonly string[]): Promise<void> {
    await until(`${title} is answered`, async () => {
      await this.command(title);
      if (!(await isSeen(this.page.locator('.quick-input-list [role="checkbox"]').first()))) return false;
      if (!(await this.#tick(labels, 5000))) return false;
      await this.page.keyboard.press('Enter');
      return true;
    });
  }

  /** Whether all rows could be ticked or unticked as wanted. */
  async #tick(labels: readonly string[], timeout?: number): Promise<boolean> {
    for (const row of await this.page.locator('.quick-input-list .monaco-list-row').all()) {
      const spoken = (await row.getAttribute('aria-label', { timeout }).catch(() => undefined)) ?? '';
      const wanted = labels.some((label) => spoken === label || spoken.startsWith(`${label},`));
      const box = row.locator('input[type="checkbox"], .monaco-checkbox').first();
      const ticked = await box.getAttribute('aria-checked', { timeout }).catch(() => undefined);
      if (ticked === undefined) return false;
      if (wanted === (ticked === 'true')) continue;
      const clicked = await row.click({ timeout }).then(
        () => true,
        () => false,
      );
      if (!clicked) return false;
    }
    return true;
  }

  /** The choices of the quick pick at hand, as read. */
  async choices(): Promise<string[]> {
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    return this.page.locator('.quick-input-list .monaco-list-row').allInnerTexts();
  }

  /** Answers the input box at hand. */
  async answer(text: string): Promise<void> {
    await this.input.first().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Answers the file dialog at hand, which writes its own proposal into the input when it is ready. */
  async answerPath(path: string): Promise<void> {
    const input = this.input.first();
    await until('a proposal', async () => (await input.inputValue()).startsWith('/'));
    await until(`the path ${path}`, async () => {
      await input.fill(path);
      await sleep(200);
      return (await input.inputValue()).replace(/\/$/, '') === path;
    });
    await this.page.keyboard.press('Enter');
  }

  /** Whether a quick input shows within two seconds. */
  async isAsked(): Promise<boolean> {
    return isSeen(this.input.first());
  }

  /** The title of the quick input at hand. */
  async question(): Promise<string> {
    return this.page.locator('.quick-input-widget:visible .quick-input-title').innerText();
  }
}

/**
 * Presses what may be gone by then: a window that opens a file takes the focus, and the input closes. Long enough that
 * nothing is pressed twice on a busy machine.
 */
function isPressed(what: Locator): Promise<boolean> {
  return what.click({ timeout: 15_000, noWaitAfter: true }).then(
    () => true,
    () => false,
  );
}

/** Whether something shows within two seconds. */
export function isSeen(what: Locator): Promise<boolean> {
  return what.waitFor({ timeout: 2000 }).then(
    () => true,
    () => false,
  );
}
