import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LoggedEvent } from '../../../src/experiments/runs/events.ts';
import { type Handlers, HostClient, HostServer } from '../../../src/host/protocol.ts';

async function server(t: TestContext): Promise<{ host: HostServer; asked: string[] }> {
  const asked: string[] = [];
  const note = (name: string) => () => {
    asked.push(name);
    return {};
  };
  const handlers: Handlers = {
    status: () => ({ state: 'running', message: 'at it', pid: 7 }),
    pause: note('pause'),
    resume: note('resume'),
    'stop-and-keep-best': note('stop-and-keep-best'),
    cancel: note('cancel'),
    'events since': ({ sequence }) => [planned(sequence)],
  };
  const host = await HostServer.listen(handlers);
  t.after(() => host.close());
  return { host, asked };
}

const planned = (sequence: number): LoggedEvent => ({
  sequence,
  time: '2026-01-01T00:00:00.000Z',
  event: { type: 'plan', fingerprints: [], stages: [] },
});

test('whoever knows the secret steers the run and hears what happens', async (t) => {
  const { host, asked } = await server(t);
  const client = await HostClient.connect(host.address, () => undefined);
  t.after(() => client.dispose());
  assert.deepEqual(await client.status(), { state: 'running', message: 'at it', pid: 7 });
  await client.command('pause');
  await client.command('stop-and-keep-best');
  assert.deepEqual(asked, ['pause', 'stop-and-keep-best']);
  assert.deepEqual(await client.eventsSince(5), [planned(5)]);
  const heard = new Promise((done) => client.onEvents(done));
  host.tell([planned(6)]);
  assert.deepEqual(await heard, [planned(6)]);
});

test('whoever shows a wrong secret is cut off, whatever its length, and hears nothing', async (t) => {
  const { host, asked } = await server(t);
  for (const secret of ['', 'x', 'f'.repeat(64), 'ä'.repeat(32)]) {
    await assert.rejects(
      HostClient.connect({ ...host.address, secret }, () => undefined),
      /does not answer/,
    );
  }
  assert.deepEqual(asked, []);
});

test('whoever asks before showing the secret is cut off and nothing is done', async (t) => {
  const { host, asked } = await server(t);
  for (const message of [
    { jsonrpc: '2.0', id: 1, method: 'cancel', params: {} },
    { jsonrpc: '2.0', method: 'cancel', params: {} },
  ]) {
    const socket = connect(host.address.socket);
    const body = JSON.stringify(message);
    socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    socket.resume();
    await once(socket, 'close');
  }
  assert.deepEqual(asked, []);
});

test('a request of another shape is refused and changes nothing', async (t) => {
  const { host } = await server(t);
  const client = await HostClient.connect(host.address, () => undefined);
  t.after(() => client.dispose());
  await assert.rejects(client.eventsSince(Number.NaN));
  assert.equal((await client.status()).pid, 7);
});

test('the socket lies in a folder that only its user can enter, and both go with the host', async (t) => {
  const { host } = await server(t);
  const { socket } = host.address;
  if (process.platform !== 'win32') assert.equal(statSync(dirname(socket)).mode & 0o077, 0);
  await host.close();
  assert.ok(!existsSync(dirname(socket)));
});
