/** Budgets as asked for and as `parlance plan` takes them. What is left empty has no limit. */
import { parseAmount, parseCount, parseInferenceLimit } from '../../../budget/planner/amounts.ts';

export interface BudgetQuestion {
  readonly option: string;
  readonly example: string;
  isReadable(text: string): boolean;
}

export const budgetQuestions: readonly BudgetQuestion[] = [
  {
    option: '--pretraining',
    example: '2PFLOP, 90s, 20min, 2h',
    isReadable: (text) => parseAmount(text) !== undefined,
  },
  {
    option: '--specialization',
    example: '100TFLOP, 90s, 20min',
    isReadable: (text) => parseAmount(text) !== undefined,
  },
  {
    option: '--inference',
    example: '1.3M parameters, 500kFLOP a token',
    isReadable: (text) => parseInferenceLimit(text) !== undefined,
  },
  {
    option: '--domain-tokens',
    example: '2k, 50k, 1.2M',
    isReadable: (text) => parseCount(text) !== undefined,
  },
  {
    option: '--domains',
    example: '1, 7, 50',
    isReadable: (text) => (parseCount(text) ?? 0) >= 1,
  },
];

/** The options of the command line for answers in the order of the questions; `1` domain when nothing was limited. */
export function budgetArguments(answers: readonly string[]): readonly string[] {
  const given = budgetQuestions.flatMap(({ option }, i) => {
    const text = answers.at(i)?.trim() ?? '';
    return text === '' ? [] : [option, text];
  });
  return given.length === 0 ? ['--domains', '1'] : given;
}
