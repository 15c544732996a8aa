/** Each kind of stage declares all that it reads, and a stage can be made from its description alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { GraphError } from '../../../src/common/errors.ts';
import { type Json, jsonLeaves } from '../../../src/common/json.ts';
import type { ExperimentPlan } from '../../../src/methods/experiment-plan.ts';
import { methods } from '../../../src/methods/registry.ts';
import { describedStage, stageKinds } from '../../../src/methods/stage-kinds.ts';
import { type StageDescription, stageDescriptionSchema } from '../../../src/pipeline/manifest.ts';
import { describe } from '../../../src/pipeline/runner.ts';
import { fingerprint, type Stage } from '../../../src/pipeline/stage.ts';
import { givenPlan, gridOf, madePlan, upstream } from '../experiments/execution/made-grid.ts';
import { servicesWith } from './made-inputs.ts';

/** Plans whose stages have, together, every parameter that there is. */
const plans: readonly Partial<ExperimentPlan>[] = [
  {},
  {
    mixing: { ...madePlan.mixing, domainShare: 0.1, replay: 0.2 },
    selection: { ...madePlan.selection, balanced: true },
  },
  { fineTuning: { ...madePlan.fineTuning, search: { rates: [1, 0.5], replay: [0, 0.1] } } },
  { mixture: { ...madePlan.mixture, choice: 'modal', branching: false } },
  { projection: { ...madePlan.projection, fit: true, blended: 0.5 } },
  { mixture: { ...madePlan.mixture, choice: 'best fine-tuned' } },
  {
    selection: { ...madePlan.selection, embedding: { sentenceEncoder: '/models/encoder', content: 'a1b2' } },
  },
  givenPlan,
];

const ids = methods.map(({ id }) => id);
const stages = new Map<string, Stage>();
for (const plan of plans) {
  for (const { model, evaluation, untrained } of gridOf(ids, plan)) {
    for (const target of [model, evaluation, untrained]) if (target) upstream(target, stages);
  }
}

/** As they come out of a file. */
const descriptions = new Map(
  [...stages].map(([id, stage]): [string, StageDescription] => [
    id,
    stageDescriptionSchema.parse(JSON.parse(JSON.stringify(describe(stage)))),
  ]),
);

const services = servicesWith();

test('the plans have stages of every kind', () => {
  const seen = new Set([...stages.values()].map(({ kind }) => kind));
  assert.deepEqual([...seen].sort(), stageKinds.map(({ kind }) => kind).sort());
});

test('a stage from its description is the same stage, inputs, words and places included', () => {
  for (const [id, stage] of stages) {
    const made = describedStage(id, descriptions, services);
    assert.deepEqual(describe(made), describe(stage));
  }
});

for (const { kind, parameters } of stageKinds) {
  const own = [...stages.values()].filter((stage) => stage.kind === kind);

  test(`${kind}: every declared parameter is given by some stage, and no other`, () => {
    const given = new Set(
      own.flatMap((stage) => Object.keys(z.looseObject({}).catch({}).parse(stage.parameters))),
    );
    assert.deepEqual([...given].sort(), declaredKeys(parameters));
  });

  test(`${kind}: another value of any parameter is another fingerprint`, () => {
    for (const stage of own) {
      for (const path of jsonLeaves(stage.parameters).keys()) {
        const changed = { ...stage, parameters: changedAt(stage.parameters, path.split('.')) };
        assert.notEqual(fingerprint(changed), fingerprint(stage), path);
      }
    }
  });
}

test('a parameter that is not declared, another version and an unknown kind are refused', () => {
  const [id, description] = [...descriptions].find(([, { kind }]) => kind === 'fine-tune') ?? [];
  assert.ok(id !== undefined && description !== undefined);
  const given = z.looseObject({}).parse(description.parameters);
  for (const other of [
    { ...description, parameters: { ...z.record(z.string(), z.json()).parse(given), surprise: 1 } },
    { ...description, version: description.version + 1 },
    { ...description, kind: 'fine-tuning' },
    { ...description, parameters: { ...z.record(z.string(), z.json()).parse(given), seed: 99 } },
  ]) {
    const changed = new Map([...descriptions, [id, other]]);
    assert.throws(() => describedStage(id, changed, services), GraphError);
  }
});

/** Names of the fields of an object or of all members of a union; a corpus has no fixed ones. */
function declaredKeys(schema: z.ZodType): string[] {
  const objects = schema instanceof z.ZodUnion ? schema.options : [schema];
  const keys = objects.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []));
  return [...new Set(keys)].sort();
}

/** The same value but for one leaf. */
function changedAt(value: Json, [key, ...rest]: readonly string[]): Json {
  if (key === undefined || key === '') return [value, 'changed'];
  const fields = z.record(z.string(), z.json()).parse(value);
  return { ...fields, [key]: changedAt(fields[key], rest) };
}
