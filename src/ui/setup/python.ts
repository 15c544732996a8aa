/** The setting `parlance.python`: it goes to every process that is started, since any of them may start PyTorch. */
import { type Disposable, workspace } from 'vscode';
import { PYTHON_VARIABLE } from '../../engines/pytorch/python-variable.ts';

export function followPythonSetting(): Disposable {
  const before = process.env[PYTHON_VARIABLE];
  const take = (): void => {
    const chosen = workspace.getConfiguration('parlance').get('python', '') || before;
    if (chosen === undefined) delete process.env[PYTHON_VARIABLE];
    else process.env[PYTHON_VARIABLE] = chosen;
  };
  take();
  return workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration('parlance.python')) take();
  });
}
