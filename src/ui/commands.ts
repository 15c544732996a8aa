/**
 * The commands of the palette. `Run Experiment` starts the bundled command line as a task: it shows its own progress in
 * a terminal, Ctrl-C stops it, and the extension host stays free. The program is the editor's own Node.js, so that none
 * has to be installed.
 */
import {
  commands,
  type ExtensionContext,
  env,
  ProcessExecution,
  RelativePattern,
  Task,
  TaskRevealKind,
  tasks,
  Uri,
  type WorkspaceFolder,
  window,
  workspace,
} from 'vscode';
import { InputError, ParlanceError } from '../common/errors.ts';
import { experimentTemplate } from './experiment-template.ts';

const experimentFileName = 'parlance.json';

/** Registers every command that package.json contributes. */
export function registerCommands(context: ExtensionContext): void {
  const cli = Uri.joinPath(context.extensionUri, 'dist', 'cli.mjs');
  const table: Record<string, (folder: WorkspaceFolder) => Promise<void>> = {
    'parlance.createExperiment': createExperiment,
    'parlance.run': (folder) => runExperiment(folder, cli),
    'parlance.openReport': openNewestReport,
  };
  for (const [name, command] of Object.entries(table)) {
    context.subscriptions.push(commands.registerCommand(name, () => inWorkspaceFolder(command)));
  }
}

/** Runs a command on the folder that the user means, and shows its error in the words of the command line. */
async function inWorkspaceFolder(command: (folder: WorkspaceFolder) => Promise<void>): Promise<void> {
  try {
    const folder = await chooseFolder();
    if (folder !== undefined) await command(folder);
  } catch (error) {
    if (!(error instanceof ParlanceError)) throw error;
    await window.showErrorMessage(`${error.message} ${error.hint}`);
  }
}

/** The only folder, or the one that the user picks; `undefined` when the user picks none. */
async function chooseFolder(): Promise<WorkspaceFolder | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    throw new InputError('No folder is open.', 'Open the folder that holds your text (File: Open Folder).');
  }
  return folders.length === 1 ? folders[0] : window.showWorkspaceFolderPick();
}

async function createExperiment(folder: WorkspaceFolder): Promise<void> {
  const file = Uri.joinPath(folder.uri, experimentFileName);
  if (!(await exists(file))) {
    await workspace.fs.writeFile(file, new TextEncoder().encode(experimentTemplate(folder.name)));
  }
  await window.showTextDocument(file);
}

async function runExperiment(folder: WorkspaceFolder, cli: Uri): Promise<void> {
  if (!workspace.isTrusted) {
    throw new InputError(
      'Experiments do not run in a folder that you have not trusted.',
      'Trust it first (Workspaces: Manage Workspace Trust).',
    );
  }
  const file = Uri.joinPath(folder.uri, experimentFileName);
  if (!(await exists(file))) {
    throw new InputError(`There is no ${file.fsPath}.`, 'Make one with "Parlance: Create Experiment File".');
  }
  const execution = new ProcessExecution(process.execPath, [cli.fsPath, 'run', file.fsPath], {
    cwd: folder.uri.fsPath,
    env: { ELECTRON_RUN_AS_NODE: '1' },
  });
  const task = new Task({ type: 'process' }, folder, 'Run Experiment', 'Parlance', execution, []);
  task.presentationOptions = { reveal: TaskRevealKind.Always };
  await tasks.executeTask(task);
}

async function openNewestReport(folder: WorkspaceFolder): Promise<void> {
  // `null`: also where the user's settings hide files from searches.
  const reports = await workspace.findFiles(
    new RelativePattern(folder, '.parlance/reports/**/report.html'),
    null,
  );
  const dated = await Promise.all(
    reports.map(async (uri) => ({ uri, modified: (await workspace.fs.stat(uri)).mtime })),
  );
  const newest = dated.sort((one, other) => other.modified - one.modified).at(0);
  if (newest === undefined) {
    throw new InputError(
      `There is no report in ${folder.name} yet.`,
      'Run "Parlance: Run Experiment" first.',
    );
  }
  await env.openExternal(newest.uri);
}

async function exists(file: Uri): Promise<boolean> {
  return workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
}
