/** Operations that move elements, and indexing. */
import { concatenate, filled, gather, pick, place, reshape, scatterAdd, slice, transpose } from '../build.ts';
import { formatShape, type Operation, sameShape, sizeOf } from '../tensor.ts';
import { broadcastShapes, float32, require, requireFloat, requireIndices, unbroadcast } from './rules.ts';

/** Same elements, another shape. */
export const reshaping: Operation<'reshape'> = {
  infer: ([x], { shape }) => {
    require(sizeOf(x.shape) ===
      sizeOf(shape), `${sizeOf(x.shape)} elements do not fill ${formatShape(shape)}`);
    return { shape, dtype: x.dtype };
  },
  gradient: ({ inputs: [x] }, g) => [reshape(g, x.shape)],
};

/** Axes in another order; the gradient takes them back. */
export const transposition: Operation<'transpose'> = {
  infer: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    require(sameShape(
      sorted,
      x.shape.map((_, axis) => axis),
    ), 'permutation must name each axis once');
    return { shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype };
  },
  gradient: ({ attributes: { permutation } }, g) => [
    transpose(
      g,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
};

/** Repeats along axes of length 1; the gradient sums over them. */
export const broadcasting: Operation<'broadcast'> = {
  infer: ([x], { shape }) => {
    requireFloat(x);
    require(sameShape(broadcastShapes(x.shape, shape), shape), `does not broadcast to ${formatShape(shape)}`);
    return float32(shape);
  },
  gradient: ({ inputs: [x] }, g) => [unbroadcast(g, x.shape)],
};

/** A range along one axis; the gradient is padded with zeros. */
export const slicing: Operation<'slice'> = {
  infer: ([x], { axis, start, end }) => {
    require(axis >= 0 && axis < x.shape.length, `axis ${axis} is not in ${formatShape(x.shape)}`);
    require(start >= 0 && start < end && end <= x.shape[axis], `range ${start} to ${end} is not in the axis`);
    return { shape: x.shape.map((length, i) => (i === axis ? end - start : length)), dtype: x.dtype };
  },
  gradient: ({ inputs: [x], attributes: { axis, start, end } }, g) => {
    const zeros = (length: number) =>
      filled(
        x.shape.map((own, i) => (i === axis ? length : own)),
        0,
      );
    const parts = [g];
    if (start > 0) parts.unshift(zeros(start));
    if (end < x.shape[axis]) parts.push(zeros(x.shape[axis] - end));
    return [concatenate(parts, axis)];
  },
};

/** Parts one after the other; each gets its range of the gradient. */
export const concatenation: Operation<'concatenate'> = {
  infer: (parts, { axis }) => {
    const [first] = parts;
    require(parts.length > 0 && axis >= 0 && axis < first.shape.length, `axis ${axis} is not in the parts`);
    for (const part of parts) {
      const fits = part.shape.length === first.shape.length && part.dtype === first.dtype;
      require(fits, 'parts differ in type or number of axes');
      for (const [i, length] of part.shape.entries()) {
        require(i === axis || length === first.shape[i], `parts differ along axis ${i}`);
      }
    }
    const length = parts.reduce((sum, part) => sum + part.shape[axis], 0);
    return { shape: first.shape.map((own, i) => (i === axis ? length : own)), dtype: first.dtype };
  },
  gradient: ({ inputs, attributes: { axis } }, g) => {
    let start = 0;
    return inputs.map((part) => {
      const end = start + part.shape[axis];
      const own = slice(g, axis, start, end);
      start = end;
      return own;
    });
  },
};

/** Rows by index; the gradient of the table adds each row back to its place. */
export const gathering: Operation<'gather'> = {
  infer: ([table, indices]) => {
    requireFloat(table);
    requireIndices(indices);
    require(table.shape.length === 2, 'the table must be a matrix');
    return float32([indices.shape[0], table.shape[1]]);
  },
  gradient: ({ inputs: [table, indices] }, g) => [scatterAdd(g, indices, table.shape[0]), undefined],
};

/** The adjoint of gather. */
export const scattering: Operation<'scatterAdd'> = {
  infer: ([values, indices], { rows }) => {
    requireFloat(values);
    requireIndices(indices);
    require(values.shape.length === 2, 'the values must be a matrix');
    require(values.shape[0] === indices.shape[0], 'needs one index a row');
    return float32([rows, values.shape[1]]);
  },
  gradient: ({ inputs: [, indices] }, g) => [gather(g, indices), undefined],
};

/** One element a row; the gradient is zero everywhere else. */
export const picking: Operation<'pick'> = {
  infer: ([x, indices]) => {
    requireFloat(x);
    requireIndices(indices);
    require(x.shape.length === 2, 'needs a matrix');
    require(x.shape[0] === indices.shape[0], 'needs one index a row');
    return float32([x.shape[0]]);
  },
  gradient: ({ inputs: [x, indices] }, g) => [place(g, indices, x.shape[1]), undefined],
};

/** The adjoint of pick. */
export const placing: Operation<'place'> = {
  infer: ([values, indices], { columns }) => {
    requireFloat(values);
    requireIndices(indices);
    require(sameShape(values.shape, indices.shape), 'needs one index a value');
    return float32([values.shape[0], columns]);
  },
  gradient: ({ inputs: [, indices] }, g) => [pick(g, indices), undefined],
};
