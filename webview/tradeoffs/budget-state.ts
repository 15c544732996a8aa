/** What the reader has: the budgets of the controls, as the planner takes them and as the panel keeps them as text. */
import * as z from 'zod';
import type { MeasuredPoint } from '../../src/budget/measured-point.ts';
import {
  type Amount,
  formatAmount,
  formatInferenceLimit,
  parseAmount,
  parseCount,
  parseInferenceLimit,
} from '../../src/budget/planner/amounts.ts';
import type { Budgets, PlannedMethod } from '../../src/budget/planner/planner-types.ts';
import { formatCompact, formatPlural } from '../../src/common/format.ts';
import { type Scale, scaleOf } from './scales.ts';

export type BudgetName = 'pretraining' | 'specialization' | 'inference' | 'domainTokens' | 'domains';

const positive = z.number().positive();
const budgetStateSchema = z.object({
  unit: z.enum(['FLOPs', 'seconds']),
  values: z.object({
    pretraining: positive.optional(),
    specialization: positive.optional(),
    inference: positive.optional(),
    domainTokens: positive.optional(),
    domains: positive,
  }),
  genericCorpusAtHand: z.boolean(),
});
export type BudgetState = Readonly<z.infer<typeof budgetStateSchema>>;

export interface BudgetControl {
  readonly name: BudgetName;
  readonly title: string;
  readonly help: string;
}

export const BUDGET_CONTROLS: readonly BudgetControl[] = [
  {
    name: 'pretraining',
    title: 'Pretraining, once',
    help: 'Work before the domain is known, shared by all domains',
  },
  { name: 'specialization', title: 'Specialization, per domain', help: 'Work that each domain needs anew' },
  { name: 'inference', title: 'Model size', help: 'Parameters of the model that is served' },
  { name: 'domainTokens', title: 'In-domain text', help: 'Training tokens of each domain' },
  { name: 'domains', title: 'Domains', help: 'How many share the pretraining' },
];

/** No limit but the inference cap, the small model; `domains` are those that were measured, as in the answer. */
export function initialState(methods: readonly PlannedMethod[], domains: number): BudgetState {
  const smallest = Math.min(...methods.map(({ parameters }) => parameters));
  return {
    unit: 'seconds',
    values: { domains, ...(Number.isFinite(smallest) && { inference: smallest }) },
    genericCorpusAtHand: true,
  };
}

export function budgetsOf({ unit, values, genericCorpusAtHand }: BudgetState): Budgets {
  const { pretraining, specialization, inference, domainTokens, domains } = values;
  return {
    ...(pretraining !== undefined && { pretraining: { unit, value: pretraining } }),
    ...(specialization !== undefined && { specialization: { unit, value: specialization } }),
    ...(inference !== undefined && { inference: { unit: 'parameters', value: inference } }),
    ...(domainTokens !== undefined && { domainTokens }),
    domains,
    genericCorpusAtHand,
  };
}

/** The slider of a budget, over what was measured; `undefined` when nothing of it was. */
export function scaleFor(
  name: BudgetName,
  unit: Amount['unit'],
  points: readonly MeasuredPoint[],
  methods: readonly PlannedMethod[],
): Scale | undefined {
  const isTime = unit === 'seconds';
  switch (name) {
    case 'pretraining':
      return scaleOf(
        points.map((point) => (isTime ? point.genericSeconds : point.genericFlops)),
        false,
      );
    case 'specialization':
      return scaleOf(
        points.map((point) => (isTime ? point.specializationSeconds : point.specializationFlops)),
        false,
      );
    case 'inference':
      return scaleOf(
        methods.map(({ parameters }) => parameters),
        true,
      );
    case 'domainTokens':
      return scaleOf(
        points.map(({ domainTokens }) => domainTokens),
        true,
      );
    case 'domains':
      return { min: 1, max: 100, whole: true };
  }
}

/** `no limit`, `2.0 PFLOP`, `1.3M parameters`, `50k tokens`, `7 domains`. */
export function formatBudget(name: BudgetName, { unit, values }: BudgetState): string {
  const value = values[name];
  if (value === undefined) return name === 'domainTokens' ? 'as measured' : 'no limit';
  switch (name) {
    case 'inference':
      return formatInferenceLimit({ unit: 'parameters', value });
    case 'domainTokens':
      return `${formatCompact(value)} tokens`;
    case 'domains':
      return value === 1 ? '1 domain' : `${value} domains`;
    default:
      return formatAmount({ unit, value });
  }
}

/** `a model of at most 320k parameters, 2 domains`: the limits that are set, in a line. */
export function budgetsInWords({ unit, values, genericCorpusAtHand }: BudgetState): string {
  const { pretraining, specialization, inference, domainTokens, domains } = values;
  return [
    ...(pretraining === undefined
      ? []
      : [`at most ${formatAmount({ unit, value: pretraining })} of pretraining`]),
    ...(specialization === undefined
      ? []
      : [`at most ${formatAmount({ unit, value: specialization })} for each domain`]),
    ...(inference === undefined
      ? ['a model of any size']
      : [`a model of at most ${formatInferenceLimit({ unit: 'parameters', value: inference })}`]),
    ...(domainTokens === undefined ? [] : [`${formatCompact(domainTokens)} in-domain tokens`]),
    formatPlural(domains, 'domain'),
    ...(genericCorpusAtHand ? [] : ['no generic text when the domain arrives']),
  ].join(', ');
}

/** Whether the budgets say the same, so that the answer is the same. */
export function sameBudgets(a: BudgetState, b: BudgetState): boolean {
  return JSON.stringify(budgetsOf(a)) === JSON.stringify(budgetsOf(b));
}

export type ParsedBudget = { readonly value: number | undefined } | { readonly problem: string };

/** What was typed; units may be left out. Empty text, `no limit` and `as measured` are no limit. */
export function parseBudget(name: BudgetName, text: string, unit: Amount['unit']): ParsedBudget {
  const plain = text
    .trim()
    .replace(/(\d),(?=\d{3})/g, '$1')
    .replace(/\s*(parameters|tokens|domains?)$/, '');
  if (plain === '' || plain === 'no limit' || plain === 'as measured') {
    return name === 'domains' ? { problem: 'Give a number of domains, such as 3.' } : { value: undefined };
  }
  if (name === 'pretraining' || name === 'specialization') {
    const amount = parseAmount(plain.replace(/(\d)\s+(?=\d)/g, '$1'));
    if (amount?.unit !== unit || amount.value <= 0) {
      const example = unit === 'FLOPs' ? '2 PFLOP or 2e15' : '90 s, 20 min or 2 h';
      return { problem: `Write an amount such as ${example}.` };
    }
    return { value: amount.value };
  }
  const value = name === 'inference' ? parseInferenceLimit(plain)?.value : parseCount(plain);
  if (value === undefined || value <= 0) return { problem: 'Write a number such as 50k or 1.2M.' };
  return { value };
}

/** From the text that the panel keeps; `undefined` when that is none. */
export function readBudgetState(text: string | undefined): BudgetState | undefined {
  if (text === undefined) return undefined;
  const parsed = budgetStateSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}
