/** A browser for a suite of panel tests, and how it opens a panel. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { type BrowserContext, chromium } from 'playwright-core';
import { HANG_MS } from '../waiting.ts';
import { type OpenPanel, openPanel, type PanelName, servePanels } from './panel-page.ts';
import type { ThemeName } from './themes.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

export const skipWithoutChromium = existsSync(CHROMIUM) ? false : `no Chromium at ${CHROMIUM}`;

type Open = (name: PanelName, theme?: ThemeName, state?: unknown) => Promise<OpenPanel>;

/** To be called in a suite: the browser lives as long as that. */
export function panelBrowser(): Open {
  let folder = '';
  let context: BrowserContext;
  let served: Awaited<ReturnType<typeof servePanels>>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parlance-panels-'));
    served = await servePanels();
    context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: CHROMIUM,
      headless: true,
      args: ARGUMENTS,
      viewport: { width: 1300, height: 900 },
    });
    context.setDefaultTimeout(HANG_MS);
  });

  after(async () => {
    await context?.close();
    served?.close();
    await rm(folder, { recursive: true, force: true });
  });

  return (name, theme = 'dark', state) => openPanel(context, served.origin, name, { theme, state });
}
