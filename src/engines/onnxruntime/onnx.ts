/**
 * The few messages of the ONNX file format that a step program and a language model need, encoded with protobufjs.
 * Field numbers are those of the published onnx.proto3 (ONNX IR version 9).
 */
import protobuf from 'protobufjs';
import type { DataType, Shape } from '../../graph/tensor.ts';

export type AttributeValue = number | string | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly type: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface OnnxValue {
  readonly name: string;
  /** Any, when absent; a name stands for an axis of any length. */
  readonly shape?: readonly (number | string)[];
  readonly dtype: DataType | 'int64';
}

export interface OnnxConstant {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const ELEMENT_TYPE = { float32: 1, int32: 6, int64: 7 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;

const field = (type: string, id: number, rule?: 'repeated') => (rule ? { type, id, rule } : { type, id });
const message = (fields: Record<string, ReturnType<typeof field>>) => ({ fields });

const schema = protobuf.Root.fromJSON({
  nested: {
    Model: message({
      irVersion: field('int64', 1),
      producerName: field('string', 2),
      graph: field('Graph', 7),
      opsetImport: field('OperatorSet', 8, 'repeated'),
    }),
    OperatorSet: message({ domain: field('string', 1), version: field('int64', 2) }),
    Graph: message({
      node: field('Node', 1, 'repeated'),
      name: field('string', 2),
      initializer: field('TensorValue', 5, 'repeated'),
      input: field('ValueInfo', 11, 'repeated'),
      output: field('ValueInfo', 12, 'repeated'),
    }),
    Node: message({
      input: field('string', 1, 'repeated'),
      output: field('string', 2, 'repeated'),
      name: field('string', 3),
      opType: field('string', 4),
      attribute: field('Attribute', 5, 'repeated'),
      domain: field('string', 7),
    }),
    Attribute: message({
      name: field('string', 1),
      f: field('float', 2),
      i: field('int64', 3),
      s: field('bytes', 4),
      ints: field('int64', 8, 'repeated'),
      type: field('int32', 20),
    }),
    TensorValue: message({
      dims: field('int64', 1, 'repeated'),
      dataType: field('int32', 2),
      name: field('string', 8),
      rawData: field('bytes', 9),
      externalData: field('Entry', 13, 'repeated'),
      dataLocation: field('int32', 14),
    }),
    Entry: message({ key: field('string', 1), value: field('string', 2) }),
    ValueInfo: message({ name: field('string', 1), type: field('Type', 2) }),
    Type: message({ tensorType: field('TensorType', 1) }),
    TensorType: message({ elemType: field('int32', 1), shape: field('TensorShape', 2) }),
    TensorShape: message({ dim: field('Dimension', 1, 'repeated') }),
    Dimension: message({ dimValue: field('int64', 1), dimParam: field('string', 2) }),
  },
});
const model = schema.lookupType('Model');

/** DataLocation: the values are not in the message. */
const EXTERNAL = 1;

/**
 * The graph as the bytes of an ONNX file: opset 18, with ONNX Runtime's own operators allowed. Of constants that are kept
 * apart it only says that their values lie in a file of the constant's name.
 */
export function encodeModel(
  graph: OnnxGraph,
  isApart: (constant: OnnxConstant) => boolean = () => false,
): Uint8Array {
  const value = {
    irVersion: 8,
    producerName: 'parlance',
    opsetImport: [
      { domain: '', version: 18 },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: graph.name,
      node: graph.nodes.map((node, i) => ({
        name: `${node.type}_${i}`,
        opType: node.type,
        domain: node.domain ?? '',
        input: node.inputs,
        output: node.outputs,
        attribute: Object.entries(node.attributes ?? {}).map(encodeAttribute),
      })),
      initializer: graph.constants.map((constant) => ({
        name: constant.name,
        dims: constant.shape,
        dataType: ELEMENT_TYPE[elementType(constant.data)],
        ...(isApart(constant)
          ? { dataLocation: EXTERNAL, externalData: [{ key: 'location', value: constant.name }] }
          : { rawData: bytesOf(constant) }),
      })),
      input: graph.inputs.map(encodeValue),
      output: graph.outputs.map(encodeValue),
    },
  };
  return model.encode(model.create(value)).finish();
}

export function bytesOf({ data }: OnnxConstant): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function elementType(data: OnnxConstant['data']): keyof typeof ELEMENT_TYPE {
  if (data instanceof Float32Array) return 'float32';
  return data instanceof Int32Array ? 'int32' : 'int64';
}

function encodeAttribute([name, value]: readonly [string, AttributeValue]) {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if (typeof value === 'string') {
    return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  }
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: value };
}

function encodeValue({ name, shape, dtype }: OnnxValue) {
  const elemType = ELEMENT_TYPE[dtype];
  const dims = shape && {
    shape: { dim: shape.map((axis) => (typeof axis === 'number' ? { dimValue: axis } : { dimParam: axis })) },
  };
  return { name, type: { tensorType: { elemType, ...dims } } };
}
