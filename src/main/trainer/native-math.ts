// Dense products and encoding on TensorFlow, behind the interface that encoding, metrics and controls use.
import type { TensorFlowBinding } from './backend'
import type { DenseMath, HeldMatrix } from './dense-math'
import { FastEncoder } from './fast-encoder'
import { TensorOps, type Tensor } from './tensor-ops'

/** Dense products on TensorFlow. */
export function nativeMath(binding: TensorFlowBinding): DenseMath {
  const ops = new TensorOps(binding)
  const tensors = new Map<HeldMatrix, Tensor>()
  const tensorOf = (matrix: HeldMatrix): Tensor => {
    const tensor = tensors.get(matrix)
    if (tensor === undefined) throw new Error('this matrix was released')
    return tensor
  }
  let fast: FastEncoder | null = null
  return {
    encoder: (model, inference, rows) => {
      if (!fast?.suits(model, inference, rows)) {
        fast?.dispose()
        fast = FastEncoder.make(binding, model, inference, rows)
      }
      const made = fast
      if (!made) return null
      made.use(model, inference)
      return (values, count) => made.encode(values, count, inference)
    },
    hold: (values, rows, columns) => {
      const held = { rows, columns }
      tensors.set(held, ops.floats(values, [rows, columns]))
      return held
    },
    multiply: (a, b, transposeA, transposeB) =>
      ops.scope(() => ops.readFloats(ops.matMul(tensorOf(a), tensorOf(b), transposeA, transposeB))),
    release: (matrix) => {
      ops.free(tensorOf(matrix))
      tensors.delete(matrix)
    },
  }
}
