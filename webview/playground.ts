/** The Playground: a text, two models that continue it side by side, and how each token was drawn. */
import './policy.ts';
import { type PlaygroundModels, type Side, sides } from '../src/panel-protocol/playground.ts';
import { button, type Field, textField } from './controls.ts';
import { element } from './dom.ts';
import { Choices, listen, tell } from './editor.ts';
import { emptyPage, pageFrame } from './page.ts';
import { Column } from './playground/column.ts';
import { numberFrom, refusalOf, SAMPLING, type SamplingName } from './playground/sampling.ts';
import { sentText } from './sent-text.ts';

const choices = new Choices();
const frame = pageFrame('Playground');
const prompt = element('textarea', {
  rows: '5',
  'aria-label': 'Text to continue',
  placeholder: 'Text to continue, best as your own begins',
});
const write = button('Write', ask);
write.setAttribute('appearance', 'primary');
const stop = button('Stop', () => tell({ type: 'stopWriting' }));
const problem = element('p', { class: 'quiet', role: 'alert' });
const columns: Readonly<Record<Side, Column>> = {
  left: new Column('left', (folder) => choose('left', folder)),
  right: new Column('right', (folder) => choose('right', folder)),
};

let models: PlaygroundModels['models'] = [];
/** Why numbers that were typed cannot be taken: nothing is written with others in their place. */
const refused = new Map<SamplingName, string>();
/** Sides that still write. */
const writing = new Set<Side>();

prompt.value = choices.get('prompt') ?? '';
prompt.addEventListener('input', () => choices.set('prompt', prompt.value));
prompt.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) ask();
});
frame.content.append(
  element(
    'section',
    { class: 'trial', 'aria-label': 'What to write' },
    prompt,
    element('div', { class: 'choices sampling' }, ...SAMPLING.map(samplingField), write, stop),
    problem,
  ),
  element('div', { class: 'columns' }, columns.left.element, columns.right.element),
);
showState();

listen((message) => {
  if (message.type === 'problem') emptyPage(frame, message.message);
  if (message.type === 'playgroundModels') {
    models = message.models;
    offer();
    frame.filled();
  }
  if (message.type === 'playgroundChoice') choose(message.side, message.folder);
  if (message.type !== 'written') return;
  for (const part of message.parts) {
    if (part.request !== requestNumber()) continue;
    // Told of again after the page was hidden: it begins empty.
    if (part.tokens.length === 0 && part.state === 'writing')
      columns[part.side].begin(choices.get('asked') ?? '');
    columns[part.side].add(part);
    if (part.state === 'writing') writing.add(part.side);
    else writing.delete(part.side);
  }
  showState();
});

function ask(): void {
  const chosen = sides.flatMap((side) => {
    const folder = chosenOf(side);
    return folder === undefined ? [] : [{ side, folder }];
  });
  const { text, note } = sentText(prompt.value);
  const lacks = chosen.length === 0 ? 'Choose a model first.' : firstRefusal();
  problem.textContent = lacks || note;
  if (lacks !== '') return;
  const request = requestNumber() + 1;
  choices.set('request', `${request}`);
  choices.set('asked', text);
  for (const side of sides) columns[side].begin(chosen.some((one) => one.side === side) ? text : '');
  writing.clear();
  const value = (name: SamplingName) => numberFrom(name, choices.get(name));
  tell({
    type: 'write',
    request,
    prompt: text,
    models: chosen,
    temperature: value('temperature'),
    topP: value('topP'),
    tokens: value('tokens'),
    seed: value('seed'),
  });
}

function firstRefusal(): string {
  return [...refused.values()].at(0) ?? '';
}

function samplingField(sampling: (typeof SAMPLING)[number]): HTMLElement {
  const { name, title, range } = sampling;
  const field: Field = textField(title, (text) => {
    const reason = refusalOf(sampling, numberFrom(name, text));
    field.refuse(reason === '' ? '' : range);
    if (reason === '') {
      refused.delete(name);
      choices.set(name, text);
    } else refused.set(name, reason);
    problem.textContent = firstRefusal();
  });
  field.set(choices.get(name) ?? `${numberFrom(name, undefined)}`);
  return element(
    'div',
    { class: 'choice' },
    element('span', { 'aria-hidden': 'true' }, title),
    field.element,
  );
}

function choose(side: Side, folder: string): void {
  choices.set(side, folder);
  offer();
}

/** What was chosen; at first the two models that the Models view has on top. */
function chosenOf(side: Side): string | undefined {
  const kept = choices.get(side);
  const first = models.at(side === 'left' ? 0 : 1)?.folder;
  if (kept === undefined) return first;
  return models.find(({ folder }) => folder === kept)?.folder;
}

function offer(): void {
  for (const side of sides) columns[side].offer(models, chosenOf(side) ?? 'none');
}

function requestNumber(): number {
  return Number(choices.get('request') ?? 0);
}

function showState(): void {
  stop.hidden = writing.size === 0;
}
