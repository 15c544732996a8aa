/**
 * How kinds of stages are defined. A definition declares parameters and inputs; its `run` gets these and nothing else, so
 * that a stage cannot depend on what its fingerprint does not name. A stage is made for a graph (`stage`), or from its
 * description alone (`described`), for example in another process.
 */
import type * as z from 'zod';
import type { Booking } from '../budget/ledger.ts';
import { GraphError } from '../common/errors.ts';
import type { Json } from '../common/json.ts';
import { jsonSchema, type StageDescription } from './manifest.ts';
import { fingerprint, type Stage, type StageContext } from './stage.ts';

/** How many stages each role takes. */
export type Roles = Readonly<Record<string, 'one' | 'optional' | 'many'>>;

/** A finished input. */
export interface StageInput {
  readonly directory: string;
  readonly fingerprint: string;
}

type RolesTaking<R extends Roles, Count extends Roles[string]> = {
  [Role in keyof R]: R[Role] extends Count ? Role : never;
}[keyof R];

/** What stands in each role: one, one or none, or a list. */
export type ByRole<R extends Roles, One> = {
  readonly [Role in RolesTaking<R, 'one'>]: One;
} & { readonly [Role in RolesTaking<R, 'optional'>]?: One } & {
  readonly [Role in RolesTaking<R, 'many'>]: readonly One[];
};

/** What a stage computes with: what its definition declares, and what every stage gets (`StageContext`). */
export interface StageWork<Parameters, Places, R extends Roles, Services>
  extends Omit<StageContext, 'input'> {
  readonly parameters: Parameters;
  readonly places: Places;
  readonly label: string;
  readonly subject: string;
  readonly services: Services;
  input(role: RolesTaking<R, 'one'>): StageInput;
  optionalInput(role: RolesTaking<R, 'optional'>): StageInput | undefined;
  inputList(role: RolesTaking<R, 'many'>): readonly StageInput[];
}

export interface StageDefinition<Parameters, Places, R extends Roles, Services> {
  readonly kind: string;
  /** Raised whenever the code changes what the stage would leave. */
  readonly version: number;
  /** Everything but the inputs that the artifact depends on. */
  readonly parameters: z.ZodType<Parameters>;
  /** Where to find what the parameters name by content: no part of the fingerprint. */
  readonly places: z.ZodType<Places>;
  readonly inputs: R;
  run(work: StageWork<Parameters, Places, R, Services>): Promise<void>;
}

/** One stage of a kind. */
export interface StageFacts<Parameters, Places, R extends Roles> {
  readonly label: string;
  readonly subject: string;
  readonly booking: Booking;
  readonly parameters: Parameters;
  readonly places: Places;
  readonly inputs: ByRole<R, Stage>;
}

/** A kind of stages whose parameters and inputs are known only when they are parsed. */
export interface StageKind<Services> {
  readonly kind: string;
  readonly parameters: z.ZodType;
  /**
   * The stage of a description; `inputs` by the roles that stand there. Throws `GraphError` for one of another kind,
   * version or shape.
   */
  described(
    description: StageDescription,
    inputs: Readonly<Record<string, Stage>>,
    services: Services,
  ): Stage;
}

export interface DefinedStage<Parameters, Places, R extends Roles, Services> extends StageKind<Services> {
  readonly parameters: z.ZodType<Parameters>;
  stage(facts: StageFacts<Parameters, Places, R>, services: Services): Stage;
}

/** `Services` is what stages need from the process that runs them; nothing of it changes what they compute. */
export function stageDefiner<Services>() {
  return <Parameters, Places, R extends Roles>(
    definition: StageDefinition<Parameters, Places, R, Services>,
  ): DefinedStage<Parameters, Places, R, Services> => {
    const { kind, parameters, inputs } = definition;
    return {
      kind,
      parameters,
      stage: (facts, services) => stageOf(definition, facts, flatten(inputs, facts.inputs), services),
      described: (description, given, services) =>
        stageOf(definition, factsOf(definition, description), given, services),
    };
  };
}

type Facts<Parameters, Places> = Omit<StageFacts<Parameters, Places, Roles>, 'inputs'>;

function stageOf<Parameters, Places, R extends Roles, Services>(
  definition: StageDefinition<Parameters, Places, R, Services>,
  facts: Facts<Parameters, Places>,
  inputs: Readonly<Record<string, Stage>>,
  services: Services,
): Stage {
  const { kind, version } = definition;
  const { label, subject, booking, parameters, places } = facts;
  return {
    kind,
    version,
    label,
    subject,
    booking,
    parameters: jsonOf(parameters),
    places: jsonOf(places),
    inputs,
    run: ({ input, ...context }) => {
      const found = (role: string): StageInput => ({
        directory: input(role),
        fingerprint: fingerprint(inputs[role]),
      });
      const list = (role: PropertyKey): readonly StageInput[] => {
        const own: StageInput[] = [];
        for (let name = nameOf(role, 0); name in inputs; name = nameOf(role, own.length))
          own.push(found(name));
        return own;
      };
      const one = (role: PropertyKey): StageInput => found(String(role));
      return definition.run({
        ...context,
        ...{ label, subject, parameters, places, services },
        input: one,
        optionalInput: (role) => (role in inputs ? one(role) : undefined),
        inputList: list,
      });
    },
  };
}

/** As it stands in a file: without fields that are `undefined`. */
function jsonOf(value: unknown): Json {
  return jsonSchema.parse(JSON.parse(JSON.stringify(value)));
}

function factsOf<Parameters, Places, R extends Roles, Services>(
  { kind, version, ...definition }: StageDefinition<Parameters, Places, R, Services>,
  description: StageDescription,
): Facts<Parameters, Places> {
  const { label, subject, booking } = description;
  const parameters = definition.parameters.safeParse(description.parameters);
  const places = definition.places.safeParse(description.places);
  if (
    description.kind !== kind ||
    description.version !== version ||
    !parameters.success ||
    !places.success
  ) {
    throw new GraphError(
      `"${label}" is a stage of another version of Parlance.`,
      'Run it with the version that planned it, or plan it again.',
      parameters.error ?? places.error,
    );
  }
  return { label, subject, booking, parameters: parameters.data, places: places.data };
}

/** The first of many has the role's name, so that a list of one is as one. */
function nameOf(role: PropertyKey, index: number): string {
  return index === 0 ? String(role) : `${String(role)} ${index + 1}`;
}

function flatten(roles: Roles, given: object): Record<string, Stage> {
  const stages = new Map<string, unknown>(Object.entries(given));
  const flat: Record<string, Stage> = {};
  for (const role of Object.keys(roles)) {
    const own = stages.get(role);
    for (const [i, one] of (Array.isArray(own) ? own : [own]).entries()) {
      if (isStage(one)) flat[nameOf(role, i)] = one;
    }
  }
  return flat;
}

function isStage(value: unknown): value is Stage {
  return typeof value === 'object' && value !== null && 'kind' in value && 'run' in value;
}
