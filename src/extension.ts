/** Activation: wires, nothing else. Work begins when a view is shown, a command is called, or the window is at rest. */
import type { ExtensionContext } from 'vscode';
import { registerLabelling } from './ui/labelling/index.ts';
import { registerPanels } from './ui/panels/index.ts';
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
  );
  // After activation: shows the runs that live already.
  const later = setImmediate(() => void runs.start());
  context.subscriptions.push({ dispose: () => clearImmediate(later) });
}
