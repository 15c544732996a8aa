/**
 * The built panels in a real browser: the page that the editor shows, with its policy, its styles from one place and a
 * stand-in for the editor's side that records what the panel tells.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import type { FromPanel, ToPanel } from '../../../src/panel-protocol/messages.ts';
import { panelHtml } from '../../../src/ui/panels/page.ts';
import { bodyClasses, type ThemeName, themes } from './themes.ts';

const dist = fileURLToPath(new URL('../../../dist', import.meta.url));
const TYPES = new Map([
  ['.js', 'text/javascript'],
  ['.css', 'text/css'],
]);

const PANELS = ['tradeoffs', 'perplexity', 'compare', 'playground'] as const;
export type PanelName = (typeof PANELS)[number];

/** Serves the built files and the pages on a port of its own. */
export async function servePanels(): Promise<{ readonly origin: string; close(): void }> {
  let origin = '';
  const server: Server = createServer((request, response) => {
    const path = (request.url ?? '').slice(1);
    const type = TYPES.get(path.slice(path.lastIndexOf('.')));
    if (type === undefined) {
      response.setHeader('content-type', 'text/html');
      response.end(pageOf(PANELS.find((name) => name === path) ?? 'tradeoffs', origin));
      return;
    }
    readFile(join(dist, path)).then(
      (content) => {
        response.setHeader('content-type', type);
        response.end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  origin = `http://127.0.0.1:${address.port}`;
  return { origin, close: () => server.close() };
}

function pageOf(name: PanelName, origin: string): string {
  return panelHtml({
    script: `${origin}/${name}.js`,
    style: `${origin}/panels.css`,
    policySource: origin,
    nonce: 'Zm9yLXRlc3Rz',
    experiment: '/home/someone/letters/parlance.json',
    title: 'Parlance',
  });
}

export interface OpenPanel {
  readonly page: Page;
  /** What the browser complained of, breaches of the policy included. */
  readonly complaints: string[];
  send(...messages: readonly ToPanel[]): Promise<void>;
  /** What the panel told so far. */
  told(): Promise<readonly FromPanel[]>;
}

/** Opens a panel; `state` is what the editor kept of an earlier one. */
export async function openPanel(
  context: BrowserContext,
  origin: string,
  name: PanelName,
  { theme = 'dark', state }: { readonly theme?: ThemeName; readonly state?: unknown } = {},
): Promise<OpenPanel> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  const given = JSON.stringify({ state, theme: themes[theme], body: bodyClasses[theme] });
  await page.addInitScript(`{ const given = ${given};${standIn} }`);
  await page.goto(`${origin}/${name}`);
  return {
    page,
    complaints,
    send: (...messages) =>
      page.evaluate((all) => {
        for (const message of all) window.postMessage(message, '*');
        return new Promise<void>((resolve) => setTimeout(resolve, 50));
      }, messages),
    told: () => page.evaluate('window.parlanceTold') as Promise<readonly FromPanel[]>,
  };
}

/** Runs in the page before its own script: the editor's interface and its colours. */
const standIn = `
  let kept = given.state;
  const told = [];
  const breach = 'securitypolicyviolation';
  document.addEventListener(breach, (event) => console.error(breach + ': ' + event.violatedDirective));
  Object.assign(window, {
    parlanceTold: told,
    parlanceState: () => kept,
    acquireVsCodeApi: () => ({
      postMessage: (message) => told.push(message),
      getState: () => kept,
      setState: (state) => { kept = JSON.parse(JSON.stringify(state)); },
    }),
  });
  document.addEventListener('DOMContentLoaded', () => {
    document.body.className = given.body;
    for (const [name, value] of Object.entries(given.theme)) document.documentElement.style.setProperty(name, value);
  });
`;
