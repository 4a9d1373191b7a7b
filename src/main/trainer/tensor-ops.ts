// Thin typed access to TensorFlow operations by name. Invariant: every tensor made inside `scope` is freed when it
// ends, unless it is kept; so the number of live tensors does not grow from step to step.
import type { OpAttribute, TensorFlowBinding } from './backend'

/** Id of a tensor that lives in TensorFlow. */
export type Tensor = number

/** The three handles Adam needs for one parameter. */
export interface AdamVariable {
  readonly value: Tensor
  readonly mean: Tensor
  readonly square: Tensor
}

let variablesMade = 0

export class TensorOps {
  private readonly open: Tensor[][] = []
  private readonly type: OpAttribute
  private readonly indexType: OpAttribute

  constructor(private readonly tf: TensorFlowBinding) {
    this.type = this.typed('T', tf.TF_FLOAT)
    this.indexType = this.typed('Tindices', tf.TF_INT32)
  }

  /** Runs `work` and frees the tensors it made. */
  scope<R>(work: () => R): R {
    const mine: Tensor[] = []
    this.open.push(mine)
    try {
      return work()
    } finally {
      this.open.pop()
      for (const id of mine) this.tf.deleteTensor(id)
    }
  }

  /** Runs `work`, frees the tensors it made except its result, which passes to the surrounding scope. */
  reduce(work: () => Tensor): Tensor {
    const result = this.scope(() => {
      const made = work()
      this.disown(made)
      return made
    })
    return this.own(result)
  }

  /** Frees a tensor of the present scope before the scope ends. */
  release(tensor: Tensor): void {
    this.disown(tensor)
    this.free(tensor)
  }

  free(tensor: Tensor): void {
    this.tf.deleteTensor(tensor)
  }

  /** The values are not copied: they must not change while the tensor lives. */
  floats(values: Float32Array, shape: readonly number[]): Tensor {
    return this.own(this.tf.createTensor(shape, this.tf.TF_FLOAT, values))
  }

  scalar(value: number): Tensor {
    return this.floats(Float32Array.of(value), [])
  }

  ints(values: Int32Array, shape: readonly number[]): Tensor {
    return this.own(this.tf.createTensor(shape, this.tf.TF_INT32, values))
  }

  /** 64-bit whole numbers as pairs of 32-bit words, low word first. */
  longs(words: Int32Array, shape: readonly number[]): Tensor {
    return this.own(this.tf.createTensor(shape, this.tf.TF_INT64, words))
  }

  readFloats(tensor: Tensor): Float32Array {
    return this.tf.tensorDataSync(tensor) as Float32Array
  }

  readInts(tensor: Tensor): Int32Array {
    return this.tf.tensorDataSync(tensor) as Int32Array
  }

  /** The low words of 64-bit numbers: row and column numbers here never exceed 31 bits. */
  readLongs(tensor: Tensor): Int32Array {
    const long = this.tf.tensorDataSync(tensor) as BigInt64Array
    const words = new Int32Array(long.buffer, long.byteOffset, long.length * 2)
    const low = new Int32Array(long.length)
    for (let at = 0; at < low.length; at++) low[at] = words[2 * at] as number
    return low
  }

  matMul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
    return this.one('MatMul', [this.flag('transpose_a', transposeA), this.flag('transpose_b', transposeB), this.type], [a, b])
  }

  /** Writes a matrix into the memory that `target` [1, rows, columns] was made of, without a copy in between. */
  writeInto(target: Tensor, matrix: Tensor): void {
    const axis = this.ints(Int32Array.of(0), [])
    const slice = this.one('ExpandDims', [this.type, this.typed('Tdim', this.tf.TF_INT32)], [matrix, axis])
    this.one('InplaceUpdate', [this.type], [target, this.ints(Int32Array.of(0), [1]), slice])
  }

  /** `name` is an element-wise operation of one or two tensors: Mul, Sub, AddV2, Square, Rsqrt … */
  map(name: string, ...inputs: Tensor[]): Tensor {
    return this.one(name, [this.type], inputs)
  }

  /** 1 where a > b, else 0; one of them may be a row that is compared with every row. */
  isAbove(a: Tensor, b: Tensor): Tensor {
    const mask = this.one('Greater', [this.type], [a, b])
    const attributes = [this.typed('SrcT', this.tf.TF_BOOL), this.typed('DstT', this.tf.TF_FLOAT), this.flag('Truncate', false)]
    return this.one('Cast', attributes, [mask])
  }

  addBias(matrix: Tensor, bias: Tensor): Tensor {
    const format: OpAttribute = { name: 'data_format', type: this.tf.TF_ATTR_STRING, value: 'NHWC' }
    return this.one('BiasAdd', [this.type, format], [matrix, bias])
  }

  /** Sum along one axis. */
  sum(tensor: Tensor, axis: number, keepAxis: boolean): Tensor {
    const axes = this.ints(Int32Array.of(axis), [1])
    return this.one('Sum', [this.flag('keep_dims', keepAxis), this.type, this.typed('Tidx', this.tf.TF_INT32)], [tensor, axes])
  }

  reshape(tensor: Tensor, shape: readonly number[]): Tensor {
    const to = this.ints(Int32Array.from(shape), [shape.length])
    return this.one('Reshape', [this.type, this.typed('Tshape', this.tf.TF_INT32)], [tensor, to])
  }

  /** Slices of `tensor` along `axis` at the positions `at`. */
  gather(tensor: Tensor, at: Tensor, axis: number): Tensor {
    const attributes = [
      this.typed('Tparams', this.tf.TF_FLOAT),
      this.indexType,
      this.typed('Taxis', this.tf.TF_INT32),
      this.whole('batch_dims', 0),
    ]
    return this.one('GatherV2', attributes, [tensor, at, this.ints(Int32Array.of(axis), [])])
  }

  /** The k largest of each row; of equal values the one with the lower position. */
  topK(matrix: Tensor, k: number): { readonly values: Tensor; readonly positions: Tensor } {
    const [values, positions] = this.many(
      'TopKV2',
      [this.flag('sorted', false), this.type],
      [matrix, this.ints(Int32Array.of(k), [])],
      2,
    )
    return { values: values as Tensor, positions: positions as Tensor }
  }

  /** Flat positions and values of all elements of a one-dimensional tensor that exceed `bound`, positions ascending. */
  above(flat: Tensor, bound: number): { readonly positions: Int32Array; readonly values: Float32Array } {
    const mask = this.one('Greater', [this.type], [flat, this.scalar(bound)])
    const where = this.one('Where', [this.typed('T', this.tf.TF_BOOL)], [mask])
    const values = this.one(
      'GatherNd',
      [this.typed('Tparams', this.tf.TF_FLOAT), this.typed('Tindices', this.tf.TF_INT64)],
      [flat, where],
    )
    return { positions: this.readLongs(where), values: this.readFloats(values) }
  }

  /** Sparse (positions [m, 2] as 64-bit, values [m], shape [2]) times dense; `adjoint` uses the transposed sparse matrix. */
  sparseTimesDense(positions: Tensor, values: Tensor, shape: Tensor, dense: Tensor, adjoint: boolean): Tensor {
    const attributes = [
      this.type,
      this.typed('Tindices', this.tf.TF_INT64),
      this.flag('adjoint_a', adjoint),
      this.flag('adjoint_b', false),
    ]
    return this.one('SparseTensorDenseMatMul', attributes, [positions, values, shape, dense])
  }

  /** A copy of `tensor` [n, …] to whose rows `at` [m, 1] the rows of `updates` were added. */
  addRows(tensor: Tensor, at: Tensor, updates: Tensor): Tensor {
    return this.one('TensorScatterAdd', [this.type, this.indexType], [tensor, at, updates])
  }

  /** Joins tensors along their first axis. */
  join(parts: readonly Tensor[]): Tensor {
    const [first] = parts
    if (parts.length === 1 && first !== undefined) return first
    const attributes = [this.whole('N', parts.length), this.type, this.typed('Tidx', this.tf.TF_INT32)]
    return this.one('ConcatV2', attributes, [...parts, this.ints(Int32Array.of(0), [])])
  }

  /** A parameter with its two Adam moments, starting at `values` and zero. */
  adamVariable(values: Float32Array, shape: readonly number[]): AdamVariable {
    const zeros = new Float32Array(values.length)
    return { value: this.variable(values.slice(), shape), mean: this.variable(zeros, shape), square: this.variable(zeros, shape) }
  }

  read(variable: Tensor): Tensor {
    return this.one('ReadVariableOp', [this.typed('dtype', this.tf.TF_FLOAT)], [variable])
  }

  assign(variable: Tensor, value: Tensor): void {
    this.many('AssignVariableOp', [this.typed('dtype', this.tf.TF_FLOAT)], [variable, value], 0)
  }

  /** Gives a variable these values, to the bit. A copy, not the array itself: the optimiser writes into the variable's memory. */
  assignCopy(variable: Tensor, values: Float32Array, shape: readonly number[]): void {
    this.scope(() => this.assign(variable, this.map('DeepCopy', this.floats(values, shape))))
  }

  /** One Adam update. TensorFlow divides by √v + ε (the "ε-hat" form): `epsilon` must hold ε·√(1 − β₂ᵗ). */
  applyAdam(variable: AdamVariable, gradient: Tensor, factors: readonly Tensor[]): void {
    const attributes = [this.type, this.flag('use_locking', false), this.flag('use_nesterov', false)]
    this.many('ResourceApplyAdam', attributes, [variable.value, variable.mean, variable.square, ...factors, gradient], 0)
  }

  /** Frees the memory of a parameter. */
  destroy(variable: AdamVariable): void {
    for (const handle of [variable.value, variable.mean, variable.square]) {
      this.many('DestroyResourceOp', [this.flag('ignore_lookup_error', true)], [handle], 0)
      this.tf.deleteTensor(handle)
    }
  }

  private variable(values: Float32Array, shape: readonly number[]): Tensor {
    const attributes: OpAttribute[] = [
      { name: 'container', type: this.tf.TF_ATTR_STRING, value: '' },
      { name: 'shared_name', type: this.tf.TF_ATTR_STRING, value: `parameter-${++variablesMade}` },
      this.typed('dtype', this.tf.TF_FLOAT),
      { name: 'shape', type: this.tf.TF_ATTR_SHAPE, value: shape },
    ]
    const [handle] = this.tf.executeOp('VarHandleOp', attributes, [], 1)
    if (!handle) throw new Error('VarHandleOp gave no handle')
    this.assignCopy(handle.id, values, shape)
    return handle.id
  }

  private own(tensor: Tensor): Tensor {
    this.open.at(-1)?.push(tensor)
    return tensor
  }

  private disown(tensor: Tensor): void {
    const mine = this.open.at(-1)
    const at = mine?.lastIndexOf(tensor) ?? -1
    if (at >= 0) mine?.splice(at, 1)
  }

  private many(name: string, attributes: readonly OpAttribute[], inputs: readonly Tensor[], outputs: number): Tensor[] {
    return this.tf.executeOp(name, attributes, inputs, outputs).map((made) => this.own(made.id))
  }

  private one(name: string, attributes: readonly OpAttribute[], inputs: readonly Tensor[]): Tensor {
    const [made] = this.many(name, attributes, inputs, 1)
    if (made === undefined) throw new Error(`${name} gave no result`)
    return made
  }

  private typed(name: string, value: number): OpAttribute {
    return { name, type: this.tf.TF_ATTR_TYPE, value }
  }

  private flag(name: string, value: boolean): OpAttribute {
    return { name, type: this.tf.TF_ATTR_BOOL, value }
  }

  private whole(name: string, value: number): OpAttribute {
    return { name, type: this.tf.TF_ATTR_INT, value }
  }
}
