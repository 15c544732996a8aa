/** Activation: wires, nothing else. Work begins when a view is shown, a command is called, or the window is at rest. */
import type { ExtensionContext } from 'vscode';
import { registerGhostText } from './ui/ghost-text/index.ts';
import { registerLabelling } from './ui/labelling/index.ts';
import { registerLens } from './ui/lens/index.ts';
import { registerModels } from './ui/models/index.ts';
import { registerPanels } from './ui/panels/index.ts';
import { registerPlayground } from './ui/playground/index.ts';
import { AllRuns } from './ui/runs/all-runs.ts';
import { registerRuns } from './ui/runs/index.ts';
import { registerSetup } from './ui/setup/index.ts';
import { registerSidebar } from './ui/sidebar/index.ts';
import { createServices } from './ui/wiring.ts';

export function activate(context: ExtensionContext): void {
  const services = createServices(context);
  const runs = new AllRuns(services);
  context.subscriptions.push(
    runs,
    registerSidebar(services, runs),
    registerRuns(services, runs),
    registerLabelling(services),
    registerSetup(services, runs),
    registerPanels(services),
    registerModels(services, runs),
    registerGhostText(services),
    registerLens(services, runs),
    registerPlayground(services, runs),
  );
  // After activation: shows the runs that live already.
  const later = setImmediate(() => void runs.start());
  context.subscriptions.push({ dispose: () => clearImmediate(later) });
}
