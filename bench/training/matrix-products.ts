/**
 * (b) The ceiling: the fastest float32 matrix product that this machine was seen to do, in ONNX Runtime or PyTorch,
 * over several shapes. Of each shape the rate counts that a tenth of its products reach: a median would be a lower
 * ceiling and flatter us, the single fastest product is an accident of the clock.
 */
import * as z from 'zod';
import type { Engine } from '../../src/engines/engine.ts';
import { input, matmul } from '../../src/graph/build.ts';
import { type Python, runPeer } from '../peer.ts';

type ProductShape = readonly [rows: number, inner: number, columns: number];

const SHAPES: readonly ProductShape[] = [
  [1024, 1024, 1024],
  [2048, 2048, 2048],
  [1024, 256, 4096],
  [4096, 256, 704],
  [4096, 704, 256],
  [2048, 128, 2048],
];
const SECONDS_PER_SHAPE = 1;

export interface Ceiling {
  /** By shape, in floating-point operations a second. */
  readonly onnxruntime: Readonly<Record<string, number>>;
  readonly pytorch: Readonly<Record<string, number>> | undefined;
  /** The largest of all. */
  readonly flopsPerSecond: number;
}

const peerSchema = z.object({ flopsPerSecond: z.record(z.string(), z.number()) });

export async function benchMatrixProducts(engine: Engine, python: Python | undefined): Promise<Ceiling> {
  const onnxruntime: Record<string, number> = {};
  for (const shape of SHAPES) onnxruntime[shape.join('x')] = await sustainedRate(engine, shape);
  const args = [engine.device.threads, SECONDS_PER_SHAPE, ...Object.keys(onnxruntime)].map(String);
  const pytorch = python && (await runPeer(python, 'matmul.py', args, peerSchema)).flopsPerSecond;
  const all = [...Object.values(onnxruntime), ...Object.values(pytorch ?? {})];
  return { onnxruntime, pytorch, flopsPerSecond: Math.max(...all) };
}

async function sustainedRate(engine: Engine, [rows, inner, columns]: ProductShape): Promise<number> {
  const product = matmul(input('a', [rows, inner], 'state'), input('b', [inner, columns], 'state'));
  const executable = await engine.compile({ name: 'product', updates: { c: product }, metrics: {} });
  const state = engine.createState({
    a: noise(rows, inner),
    b: noise(inner, columns),
    c: noise(rows, columns),
  });
  await executable.step(state, {});
  const tookMs: number[] = [];
  const end = performance.now() + 1000 * SECONDS_PER_SHAPE;
  while (performance.now() < end) {
    const began = performance.now();
    await executable.step(state, {});
    tookMs.push(performance.now() - began);
  }
  await executable.dispose();
  state.dispose();
  const fastTenthMs = tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length / 10)];
  return (2 * rows * inner * columns * 1000) / fastTenthMs;
}

function noise(rows: number, columns: number) {
  return { shape: [rows, columns], data: Float32Array.from({ length: rows * columns }, Math.random) };
}
