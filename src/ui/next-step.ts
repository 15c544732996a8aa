/**
 * What a command lacks before it can do its work, and the buttons that lead there: the next step is offered where
 * nothing has gone wrong. Other errors are shown as errors, in the words of the command line.
 */
import { commands, window } from 'vscode';
import { InputError, type ParlanceError } from '../common/errors.ts';

export interface NextStep {
  readonly title: string;
  readonly command: string;
}

export class NextStepError extends InputError {
  readonly steps: readonly NextStep[];

  constructor(message: string, hint: string, steps: readonly NextStep[]) {
    super(message, hint);
    this.steps = steps;
  }
}

/** Shows an error, or the next step; done when the message is gone. */
export async function tellOf(error: ParlanceError): Promise<void> {
  const text = `${error.message} ${error.hint}`.trim();
  if (!(error instanceof NextStepError)) {
    await window.showErrorMessage(text);
    return;
  }
  const titles = error.steps.map(({ title }) => title);
  const answer = await window.showInformationMessage(text, ...titles);
  const step = error.steps.find(({ title }) => title === answer);
  if (step !== undefined) await commands.executeCommand(step.command);
}
