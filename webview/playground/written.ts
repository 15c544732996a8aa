/** What a model wrote, as figures and as a table. Pure. */
import type { Table } from '../../src/charts/table.ts';
import { formatPerplexity } from '../../src/common/format.ts';
import { formatProbability, visibleToken } from '../../src/common/token-words.ts';
import type { WrittenPart, WrittenToken } from '../../src/panel-protocol/playground.ts';

/** Probabilities below which a token is shaded one step more. */
const steps = [0.5, 0.25, 0.1, 0.03, 0.01];

/** From 0, a token that was likely, to 5. */
export function shadeOf({ logProbability }: Pick<WrittenToken, 'logProbability'>): number {
  return steps.filter((step) => Math.exp(logProbability) < step).length;
}

/** `“␣the” 34 %` and what else was expected. */
export function tokenLines({ text, logProbability, alternatives }: WrittenToken): readonly string[] {
  const line = (one: { text: string; logProbability: number }) =>
    `“${visibleToken(one.text)}” ${formatProbability(one.logProbability)}`;
  return [line({ text, logProbability }), ...alternatives.map((one) => `or ${line(one)}`)];
}

/** In a sentence; empty before the first token. */
export function writtenFigures(tokens: readonly WrittenToken[]): string {
  if (tokens.length === 0) return '';
  const nats = tokens.reduce((sum, { logProbability }) => sum - logProbability, 0);
  const count = tokens.length === 1 ? '1 token' : `${tokens.length} tokens`;
  return `${count}, perplexity ${formatPerplexity(Math.exp(nats / tokens.length))}`;
}

export function writtenTable(tokens: readonly WrittenToken[], caption: string): Table {
  return {
    caption,
    columns: [
      { title: 'Token', align: 'text' },
      { title: 'Probability', align: 'number' },
      { title: 'Also expected', align: 'text' },
    ],
    rows: tokens.map((token) => [
      { text: visibleToken(token.text) },
      { text: formatProbability(token.logProbability), value: Math.exp(token.logProbability) },
      { text: tokenLines(token).slice(1).join(', ').replaceAll('or ', '') },
    ]),
  };
}

const STATES: Readonly<Record<WrittenPart['state'], string>> = {
  writing: 'Writing…',
  ended: '',
  stopped: '',
  failed: '',
};

/** What is said below a text. */
export function stateWords({ state, note }: Pick<WrittenPart, 'state' | 'note'>, figures: string): string {
  return [STATES[state], figures, note].filter((words) => words !== '').join(' · ');
}
