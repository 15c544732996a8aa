/** The Playground: one panel a window, loaded when it is first opened; the window's reload brings it back. */
import { Disposable, l10n, Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import type { AllRuns } from '../runs/all-runs.ts';
import { register } from '../runs/commands.ts';
import type { Services } from '../services.ts';
import type { PlaygroundPanel } from './playground-panel.ts';

const VIEW_TYPE = 'parlance.playground';

export function registerPlayground(services: Services, runs: AllRuns): Disposable {
  let open: PlaygroundPanel | undefined;
  const fill = async (panel: WebviewPanel): Promise<PlaygroundPanel> => {
    const { PlaygroundPanel } = await import('./playground-panel.ts');
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [Uri.joinPath(services.context.extensionUri, 'dist')],
    };
    const made = new PlaygroundPanel(services, runs, panel);
    open = made;
    panel.onDidDispose(() => {
      if (open === made) open = undefined;
    });
    return made;
  };
  return Disposable.from(
    register('parlance.openPlayground', async (argument) => {
      const { modelOf } = await import('../models/pick-model.ts');
      // From the palette the page itself is where models are chosen.
      const model = argument === undefined ? undefined : await modelOf(services, runs, argument);
      if (argument !== undefined && model === undefined) return;
      const shown =
        open ??
        (await fill(window.createWebviewPanel(VIEW_TYPE, l10n.t('Playground'), ViewColumn.Active, {})));
      shown.show(model);
    }),
    window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: async (panel) => {
        if (open === undefined) await fill(panel);
        else panel.dispose();
      },
    }),
  );
}
