/**
 * Answers as engine.py does on a machine with a graphics processor, at once and with zeros: a Python for tests of what is
 * chosen. Refuses TF32, as a device without it would.
 */
import { argv, exit, stdin, stdout } from 'node:process';

const { precision } = JSON.parse(argv[3]);
if (precision === 'tf32') {
  console.error('RuntimeError: this device has no TF32');
  exit(1);
}

/** @param {Record<string, unknown>} header @param {number} [bytes] */
function answer(header, bytes = 0) {
  const text = Buffer.from(JSON.stringify({ ...header, peak: 0, bytes }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  stdout.write(Buffer.concat([length, text, Buffer.alloc(bytes)]));
}

/** Values of the metrics of each program, by its number. */
const metrics = new Map();
let buffer = Buffer.alloc(0);
stdin.on('data', (chunk) => {
  buffer = Buffer.concat([buffer, chunk]);
  for (;;) {
    if (buffer.length < 4) return;
    const start = 4 + buffer.readUInt32LE(0);
    if (buffer.length < start) return;
    const request = JSON.parse(buffer.subarray(4, start).toString());
    if (buffer.length < start + request.bytes) return;
    buffer = buffer.subarray(start + request.bytes);
    if (request.do === 'compile') {
      const results = request.roots.slice(request.updates.length);
      const sizes = results.map((/** @type {number} */ place) =>
        request.nodes[place][2].reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1),
      );
      metrics.set(
        request.program,
        sizes.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0),
      );
    }
    const values = request.do === 'step' ? metrics.get(request.program) : 0;
    answer(request.do === 'release' ? { times: [] } : {}, 4 * values);
  }
});
answer({
  version: '2.9.0',
  kind: 'cuda',
  device: 'NVIDIA Pretended',
  devices: 1,
  bfloat16: true,
  tf32: false,
  native: [],
});
