import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HUB_MODEL, type HubServer, hubServer, llamaFiles, resolvePath } from '../../support/hub-server.ts';
import { until } from '../../support/waiting.ts';
import { writeTinyEncoder } from '../../unit/selection/embedding/tiny-encoder.ts';
import { jsonLines, parlance, start } from './micro.ts';

const WEIGHTS = 400_000;
const SENT = 150_000;

async function temporary(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'parlance-model-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  return root;
}

/** Sends the first bytes of the weights and then nothing, to who asks from the start. */
function stall(hub: HubServer): void {
  hub.instead = ({ url, headers }, response) => {
    if (url !== resolvePath('model.safetensors') || headers.range !== undefined) return false;
    response.writeHead(200, { 'Content-Length': WEIGHTS });
    response.write(hub.files.get('model.safetensors')?.subarray(0, SENT));
    return true;
  };
}

async function partialBytes(folder: string): Promise<number> {
  const names = await readdir(`${folder}.part`).catch(() => []);
  const partial = names.find((name) => name.startsWith('model.safetensors'));
  return partial === undefined ? 0 : (await stat(join(`${folder}.part`, partial))).size;
}

test('where nobody can say yes nothing is asked of the hub, and the hint says how to', async (t) => {
  const hub = await hubServer(t, llamaFiles(WEIGHTS));
  const root = await temporary(t);
  for (const args of [
    ['model', HUB_MODEL, join(root, 'm')],
    ['encoder', join(root, 'e'), '--model', HUB_MODEL],
  ]) {
    for (const json of [[], ['--json']]) {
      const { code, stderr } = await parlance(...args, '--hub', hub.url, ...json);
      assert.equal(code, 2);
      assert.match(stderr, /nobody is there to confirm it\.\nhint: Give --yes/);
    }
  }
  assert.deepEqual(hub.asked, []);
  assert.deepEqual(await readdir(root), []);
});

test('a download that is killed, and then stopped by Ctrl-C, goes on where it was and ends with the same bytes', async (t) => {
  const hub = await hubServer(t, llamaFiles(WEIGHTS));
  const state = await temporary(t);
  const folder = join(state, 'parlance', 'models', HUB_MODEL.replace('/', '--'));
  const args = ['model', HUB_MODEL, '--hub', hub.url, '--yes', '--json'];
  const environment = { XDG_STATE_HOME: state };
  stall(hub);
  const killed = start(args, environment);
  await until('the first part', async () => (await partialBytes(folder)) === SENT);
  killed.child.kill('SIGKILL');
  await killed.ended;

  // What was left is asked for, and a little of it given.
  const more = 50_000;
  hub.instead = ({ url, headers }, response) => {
    if (url !== resolvePath('model.safetensors') || headers.range !== `bytes=${SENT}-`) return false;
    response.writeHead(206, { 'Content-Range': `bytes ${SENT}-${WEIGHTS - 1}/${WEIGHTS}` });
    response.write(hub.files.get('model.safetensors')?.subarray(SENT, SENT + more));
    return true;
  };
  const stopped = start(args, environment);
  await until('more', async () => (await partialBytes(folder)) === SENT + more);
  stopped.child.kill('SIGINT');
  const { code, stderr } = await stopped.ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /what was fetched is kept/);
  await assert.rejects(stat(folder), { code: 'ENOENT' });

  hub.instead = undefined;
  const whole = await start(args, environment).ended;
  assert.equal(whole.code, 0, whole.stderr);
  assert.deepEqual(await readFile(join(folder, 'model.safetensors')), hub.files.get('model.safetensors'));
  assert.equal(hub.contentOf('model.safetensors').at(-1)?.range, `bytes=${SENT + more}-`);
  const lines = jsonLines(whole.stdout);
  assert.deepEqual(
    lines.filter(({ type }) => type !== 'progress').map(({ type }) => type),
    ['hub', 'model'],
  );
  assert.equal(lines.at(-1)?.folder, folder);
  assert.equal(lines.at(-1)?.licence, 'apache-2.0');
  assert.deepEqual(await readdir(join(folder, '..')), [HUB_MODEL.replace('/', '--')]);
});

test('a sentence encoder comes the same way, whole and checked, and works', async (t) => {
  const root = await temporary(t);
  const made = join(root, 'made');
  await writeTinyEncoder(made);
  const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx'];
  const files = await Promise.all(
    names.map(async (name) => [name, await readFile(join(made, name))] as const),
  );
  const hub = await hubServer(t, { ...Object.fromEntries(files), 'model.safetensors': 'is not fetched' });
  const args = ['encoder', join(root, 'kept'), '--model', HUB_MODEL, '--hub', hub.url, '--yes', '--json'];
  const { code, stdout, stderr } = await parlance(...args);
  assert.equal(code, 0, stderr);
  const told = jsonLines(stdout).at(-1);
  const folder = join(root, 'kept', HUB_MODEL);
  assert.deepEqual([told?.type, told?.folder, told?.dimensions], ['encoder', folder, 4]);
  for (const name of names) assert.deepEqual(await readFile(join(folder, name)), hub.files.get(name));
  assert.deepEqual(hub.contentOf('model.safetensors'), []);
});
