/** An experiment that cannot be followed is followed as soon as it can, also when the cause was mended in another file. */
import { after, before, test } from 'node:test';
import { buildIndexer, follow, textOf } from './followed-folder.ts';

let built: Awaited<ReturnType<typeof buildIndexer>>;
before(async () => {
  built = await buildIndexer();
});
after(() => built.remove());

const files = Object.fromEntries(['a', 'b', 'c', 'd'].map((name, i) => [`docs/${name}.md`, textOf(i)]));
const domain = { name: 'notes', sources: [{ path: 'docs' }] };

test('a label that an experiment lacked makes it count', async (t) => {
  const split = { validation: 0.1, heldout: 0 };
  const experiment = JSON.stringify({ domains: [{ ...domain, split }], methods: ['slm-nopt'] });
  const { until, write } = await follow(t, built.program, { ...files, 'parlance.json': experiment });
  await until(({ state, message }) => state === 'failed' && /held-out/.test(message));
  const labels = [{ path: 'docs/a.md', label: 'held-out' }];
  await write('.parlance/labels.json', JSON.stringify({ version: 1, labels }));
  await until(({ state, files: seen }) => state === 'ready' && seen === 4);
});

test('so does a folder of a model that comes later, when anything beside the experiment file changes', async (t) => {
  const experiment = JSON.stringify({
    domains: [domain],
    methods: ['slm-nopt'],
    models: { small: { from: 'model' } },
  });
  const { until, write } = await follow(t, built.program, { ...files, 'parlance.json': experiment });
  await until(({ message }) => /no config\.json/.test(message));
  await write('model/config.json', '{"model_type": "llama"}');
  await write('note.md', 'The model is there.');
  await until(({ message }) => /config\.json describes a model/.test(message));
});
